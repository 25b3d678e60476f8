-- One row per play: an event of page NextSong. A play is identified by session_id, item_in_session, start_time and user_id;
-- songplay_id only numbers the rows and changes with every full load.
-- user_id is nullable, so that a play without a user is kept and reported by the check songplays_user_exists instead of failing the load.
create table songplays (
  songplay_id     bigint identity(0, 1),
  start_time      timestamp not null,
  user_id         integer,
  level           varchar(16),
  song_id         varchar(32),
  artist_id       varchar(32),
  session_id      integer not null,
  item_in_session integer not null,
  location        varchar(1024),
  user_agent      varchar(2048),
  primary key (songplay_id),
  foreign key (start_time) references time (start_time),
  foreign key (user_id) references users (user_id),
  foreign key (song_id) references songs (song_id),
  foreign key (artist_id) references artists (artist_id)
);
