select to_char(start_time, 'YYYY-MM-DD') as day, count(*) as plays, count(distinct user_id) as listeners
from songplays
group by to_char(start_time, 'YYYY-MM-DD')
order by day;
