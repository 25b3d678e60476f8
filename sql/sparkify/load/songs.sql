-- Where the catalogue has several tracks of one song, the one with the latest known year wins (0 is unknown); what is still equal is
-- ordered by the values themselves.
insert into songs (song_id, title, artist_id, year, duration)
select song_id, title, artist_id, year, duration
from (
  select
    song_id, title, artist_id, year, duration,
    row_number() over (
      partition by song_id
      order by coalesce(year, 0) desc, title, artist_id, duration, year
    ) as preference
  from staging_songs
) as tracks
where preference = 1;
