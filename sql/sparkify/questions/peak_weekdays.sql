select time.weekday, count(*) as plays, count(distinct songplays.user_id) as listeners
from songplays
join time on time.start_time = songplays.start_time
group by time.weekday, date_part(dayofweek, time.start_time)
order by date_part(dayofweek, time.start_time);
