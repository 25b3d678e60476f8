select coalesce(location, 'unknown') as location, count(distinct user_id) as listeners, count(*) as plays
from songplays
group by coalesce(location, 'unknown')
order by plays desc, location
limit 15;
