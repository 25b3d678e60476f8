-- Every event of page NextSong, once, however often it was staged. The song is the one with the same title, artist name and duration;
-- where several songs have all three, the smallest song_id. No such song: song_id and artist_id stay null, the play is kept.
insert into songplays (
  start_time, user_id, level, song_id, artist_id, session_id, item_in_session, location, user_agent
)
with plays as (
  select
    ts, userid, level, sessionid, iteminsession, location, useragent, song, artist, length,
    row_number() over (
      partition by sessionid, iteminsession, ts, userid
      order by song, artist, length, level, location, useragent
    ) as duplicate
  from staging_events
  where page = 'NextSong'
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
