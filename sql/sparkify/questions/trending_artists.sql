-- Week over week: plays of the latest week against those of the week before it. The latest week is that of the last play in the
-- warehouse, not that of today, so a warehouse of past data has trends too.
with weekly as (
  select artist_id, date_trunc('week', start_time) as week, count(*) as plays
  from songplays
  where artist_id is not null
  group by artist_id, date_trunc('week', start_time)
),
latest as (
  select date_trunc('week', max(start_time)) as week
  from songplays
)
select
  artists.name as artist,
  coalesce(sum(case when weekly.week = latest.week then weekly.plays end), 0) as plays,
  coalesce(sum(case when weekly.week < latest.week then weekly.plays end), 0) as plays_before,
  coalesce(sum(case when weekly.week = latest.week then weekly.plays else -weekly.plays end), 0) as change
from weekly
join latest on weekly.week >= dateadd(week, -1, latest.week)
join artists on artists.artist_id = weekly.artist_id
group by artists.artist_id, artists.name
order by change desc, plays desc, artist
limit 10;
