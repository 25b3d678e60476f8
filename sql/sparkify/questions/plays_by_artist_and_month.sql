-- Month over month for the ten artists with the most plays; the change is against the artist's previous month with plays.
with monthly as (
  select artist_id, date_trunc('month', start_time) as month, count(*) as plays
  from songplays
  where artist_id is not null
  group by artist_id, date_trunc('month', start_time)
),
leaders as (
  select artist_id
  from songplays
  where artist_id is not null
  group by artist_id
  order by count(*) desc, artist_id
  limit 10
)
select
  artists.name as artist,
  to_char(monthly.month, 'YYYY-MM') as month,
  monthly.plays,
  monthly.plays - lag(monthly.plays) over (partition by monthly.artist_id order by monthly.month) as change
from monthly
join leaders on leaders.artist_id = monthly.artist_id
join artists on artists.artist_id = monthly.artist_id
order by artist, month;
