select songs.song_id, songs.artist_id
from songs
left join artists on artists.artist_id = songs.artist_id
where artists.artist_id is null;
