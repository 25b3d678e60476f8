-- A play has a song exactly when the catalogue has one with the title, artist name and duration of its event. Plays are compared as
-- sets, in which null equals null and no join can be slow.
with matches as (
  select
    staging_events.sessionid as session_id,
    staging_events.iteminsession as item_in_session,
    timestamp 'epoch' + staging_events.ts * interval '0.001 second' as start_time,
    staging_events.userid as user_id,
    staging_songs.song_id,
    staging_songs.artist_id
  from staging_events
  join staging_songs
    on staging_songs.title = staging_events.song
    and staging_songs.artist_name = staging_events.artist
    and staging_songs.duration = staging_events.length
  where staging_events.page = 'NextSong'
),
found as (
  select session_id, item_in_session, start_time, user_id, song_id, artist_id
  from songplays
  where song_id is not null
)
select 'song does not match the event' as problem, session_id, item_in_session, start_time, user_id
from (select * from found except select * from matches) as wrong
union all
select 'song of the event was not found', session_id, item_in_session, start_time, user_id
from (
  select session_id, item_in_session, start_time, user_id from matches
  except
  select session_id, item_in_session, start_time, user_id from found
) as missed;
