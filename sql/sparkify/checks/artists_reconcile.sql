select 'artist of the catalogue missing from artists' as problem, artist_id
from (select artist_id from staging_songs except select artist_id from artists) as missing
union all
select 'artist that is not in the catalogue', artist_id
from (select artist_id from artists except select artist_id from staging_songs) as surplus;
