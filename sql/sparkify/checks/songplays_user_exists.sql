-- A play without a user is an offending row too: users are identified by their events, so there is no play by nobody.
select songplays.songplay_id, songplays.user_id, songplays.session_id, songplays.item_in_session
from songplays
left join users on users.user_id = songplays.user_id
where users.user_id is null;
