select songs.title as song, artists.name as artist, count(*) as plays
from songplays
join songs on songs.song_id = songplays.song_id
join artists on artists.artist_id = songplays.artist_id
group by songs.song_id, songs.title, artists.name
order by plays desc, song, artist
limit 10;
