-- The plays of the new events, and those to which a new track gives a song or another one: songs may come after their plays. Plays are
-- found again by their time alone; other plays of the same millisecond come along, and are given whole like the rest.
insert into songplays (
  start_time, user_id, level, song_id, artist_id, session_id, item_in_session, location, user_agent
)
with affected as (
  select ts
  from new_staging_events
  where page = 'NextSong'
  union
  select staging_events.ts
  from staging_events
  join new_staging_songs
    on new_staging_songs.title = staging_events.song
    and new_staging_songs.artist_name = staging_events.artist
    and new_staging_songs.duration = staging_events.length
  where staging_events.page = 'NextSong'
),
plays as (
  select
    ts, userid, level, sessionid, iteminsession, location, useragent, song, artist, length,
    row_number() over (
      partition by sessionid, iteminsession, ts, userid
      order by song, artist, length, level, location, useragent
    ) as duplicate
  from staging_events
  where page = 'NextSong'
    and ts in (select ts from affected)
),
catalogue as (
  select
    song_id, artist_id, title, artist_name, duration,
    row_number() over (
      partition by title, artist_name, duration
      order by song_id, artist_id
    ) as candidate
  from staging_songs
)
select
  timestamp 'epoch' + plays.ts * interval '0.001 second' as start_time,
  plays.userid,
  plays.level,
  catalogue.song_id,
  catalogue.artist_id,
  plays.sessionid,
  plays.iteminsession,
  plays.location,
  plays.useragent
from plays
left join catalogue
  on catalogue.title = plays.song
  and catalogue.artist_name = plays.artist
  and catalogue.duration = plays.length
  and catalogue.candidate = 1
where plays.duplicate = 1;
