-- The start times of the new events' plays. Read from songplays all the same: what is not a play there is no start time here.
insert into time (start_time, hour, day, week, month, year, weekday)
select
  start_time,
  extract(hour from start_time),
  extract(day from start_time),
  extract(week from start_time),
  extract(month from start_time),
  extract(year from start_time),
  trim(to_char(start_time, 'Day'))
from (
  select distinct start_time
  from songplays
  where start_time in (
    select timestamp 'epoch' + ts * interval '0.001 second'
    from new_staging_events
    where page = 'NextSong'
  )
) as moments
order by start_time;
