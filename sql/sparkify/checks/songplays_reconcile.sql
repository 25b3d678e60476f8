-- Every NextSong event is one songplay, and nothing else is. A play staged twice is one play.
with events as (
  select
    sessionid as session_id,
    iteminsession as item_in_session,
    timestamp 'epoch' + ts * interval '0.001 second' as start_time,
    userid as user_id
  from staging_events
  where page = 'NextSong'
),
plays as (
  select session_id, item_in_session, start_time, user_id
  from songplays
)
select 'event without songplay' as problem, session_id, item_in_session, start_time, user_id
from (select * from events except select * from plays) as missing
union all
select 'songplay without event', session_id, item_in_session, start_time, user_id
from (select * from plays except select * from events) as surplus;
