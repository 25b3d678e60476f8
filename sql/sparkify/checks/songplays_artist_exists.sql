select songplays.songplay_id, songplays.song_id, songplays.artist_id
from songplays
left join artists on artists.artist_id = songplays.artist_id
where (songplays.artist_id is not null and artists.artist_id is null)
  or (songplays.artist_id is null and songplays.song_id is not null);
