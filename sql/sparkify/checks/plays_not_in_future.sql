select songplay_id, start_time
from songplays
where start_time > dateadd(day, 1, getdate());
