select 'users' as table_name, 'user_id' as key_column, count(*) as null_keys
from users
where user_id is null
having count(*) > 0
union all
select 'artists', 'artist_id', count(*)
from artists
where artist_id is null
having count(*) > 0
union all
select 'songs', 'song_id', count(*)
from songs
where song_id is null
having count(*) > 0
union all
select 'time', 'start_time', count(*)
from time
where start_time is null
having count(*) > 0
union all
select 'songplays', 'songplay_id', count(*)
from songplays
where songplay_id is null
having count(*) > 0;
