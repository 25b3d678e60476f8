-- The catalogue spells some artists differently from track to track ("X", "X feat. Y"). The row with the shortest name wins, then the
-- one that knows coordinates, then the one that knows a location; what is still equal is ordered by the values themselves.
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
) as spellings
where preference = 1;
