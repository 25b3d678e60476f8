-- The artists of the new tracks, each from all of its spellings.
insert into artists (artist_id, name, location, latitude, longitude)
select artist_id, artist_name, artist_location, artist_latitude, artist_longitude
from (
  select
    artist_id, artist_name, artist_location, artist_latitude, artist_longitude,
    row_number() over (
      partition by artist_id
      order by
        char_length(artist_name),
        artist_name,
        case when artist_latitude is null or artist_longitude is null then 1 else 0 end,
        case when artist_location is null then 1 else 0 end,
        artist_location,
        artist_latitude,
        artist_longitude
    ) as preference
  from staging_songs
  where artist_id in (select artist_id from new_staging_songs)
) as spellings
where preference = 1;
