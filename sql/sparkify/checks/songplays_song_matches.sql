-- A play has a song exactly when the catalogue has one with the title, artist name and duration of its event.
with matches as (
  select distinct
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
)
select 'song does not match the event' as problem, songplays.songplay_id, songplays.song_id
from songplays
left join matches
  on matches.session_id = songplays.session_id
  and matches.item_in_session = songplays.item_in_session
  and matches.start_time = songplays.start_time
  and matches.song_id = songplays.song_id
  and matches.artist_id = songplays.artist_id
where songplays.song_id is not null and matches.song_id is null
union all
select 'song of the event was not found', songplays.songplay_id, matches.song_id
from songplays
join matches
  on matches.session_id = songplays.session_id
  and matches.item_in_session = songplays.item_in_session
  and matches.start_time = songplays.start_time
  and matches.user_id = songplays.user_id
where songplays.song_id is null;
