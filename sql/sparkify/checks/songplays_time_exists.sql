select songplays.songplay_id, songplays.start_time
from songplays
left join time on time.start_time = songplays.start_time
where time.start_time is null;
