-- The plays of the new events, and the plays that a new track gives their song or another one: songs may come after their plays. A
-- play is found again by session, item and time; where two users share these, both plays are given, and both are final.
insert into songplays (
  start_time, user_id, level, song_id, artist_id, session_id, item_in_session, location, user_agent
)
with affected as (
  select sessionid, iteminsession, ts
  from new_staging_events
  where page = 'NextSong'
  union
  select events.sessionid, events.iteminsession, events.ts
  from staging_events as events
  join new_staging_songs as tracks
    on tracks.title = events.song
    and tracks.artist_name = events.artist
    and tracks.duration = events.length
  where events.page = 'NextSong'
),
plays as (
  select
    events.ts, events.userid, events.level, events.sessionid, events.iteminsession, events.location, events.useragent,
    events.song, events.artist, events.length,
    row_number() over (
      partition by events.sessionid, events.iteminsession, events.ts, events.userid
      order by events.song, events.artist, events.length, events.level, events.location, events.useragent
    ) as duplicate
  from staging_events as events
  join affected
    on affected.sessionid = events.sessionid
    and affected.iteminsession = events.iteminsession
    and affected.ts = events.ts
  where events.page = 'NextSong'
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
