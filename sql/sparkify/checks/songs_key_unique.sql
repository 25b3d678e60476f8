select song_id, count(*) as copies
from songs
group by song_id
having count(*) > 1;
