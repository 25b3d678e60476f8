-- The level at the time of the play: a listener who changed levels counts in both.
select level, count(distinct user_id) as listeners, count(*) as plays
from songplays
group by level
order by plays desc, level;
