select songplay_id, count(*) as copies
from songplays
group by songplay_id
having count(*) > 1;
