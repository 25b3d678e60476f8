select time.hour, count(*) as plays, count(distinct songplays.user_id) as listeners
from songplays
join time on time.start_time = songplays.start_time
group by time.hour
order by time.hour;
