select 'users' as table_name, level, count(*) as records
from users
where level is null or level not in ('free', 'paid')
group by level
union all
select 'songplays', level, count(*)
from songplays
where level is null or level not in ('free', 'paid')
group by level;
