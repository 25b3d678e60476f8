select session_id, item_in_session, start_time, user_id, count(*) as copies
from songplays
group by session_id, item_in_session, start_time, user_id
having count(*) > 1;
