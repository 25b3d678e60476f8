select 'song of the catalogue missing from songs' as problem, song_id
from (select song_id from staging_songs except select song_id from songs) as missing
union all
select 'song that is not in the catalogue', song_id
from (select song_id from songs except select song_id from staging_songs) as surplus;
