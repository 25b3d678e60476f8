-- The songs of the new tracks, each from all of its tracks.
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
  where song_id in (select song_id from new_staging_songs)
) as tracks
where preference = 1;
