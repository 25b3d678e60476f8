select start_time, count(*) as copies
from time
group by start_time
having count(*) > 1;
