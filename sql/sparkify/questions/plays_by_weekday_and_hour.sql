select time.weekday, time.hour, count(*) as plays
from songplays
join time on time.start_time = songplays.start_time
group by time.weekday, time.hour
order by min(date_part(dayofweek, time.start_time)), time.hour;
