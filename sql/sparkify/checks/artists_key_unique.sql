select artist_id, count(*) as copies
from artists
group by artist_id
having count(*) > 1;
