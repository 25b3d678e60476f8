select coalesce(users.gender, 'unknown') as gender, count(distinct songplays.user_id) as listeners, count(*) as plays
from songplays
join users on users.user_id = songplays.user_id
group by coalesce(users.gender, 'unknown')
order by plays desc, gender;
