-- A play of a song that the catalogue does not have has neither song nor artist; one that has either must have both.
select songplays.songplay_id, songplays.song_id, songplays.artist_id
from songplays
left join songs on songs.song_id = songplays.song_id
where (songplays.song_id is not null and songs.song_id is null)
  or (songplays.song_id is null and songplays.artist_id is not null);
