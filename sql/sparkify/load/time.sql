-- In the order of time: on Redshift the rows arrive in the order of the sort key and need no sorting afterwards.
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
) as moments
order by start_time;
