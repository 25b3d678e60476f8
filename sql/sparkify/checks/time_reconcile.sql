select 'start time of a play missing from time' as problem, start_time
from (select start_time from songplays except select start_time from time) as missing
union all
select 'time without a play', start_time
from (select start_time from time except select start_time from songplays) as surplus;
