-- One row per song_id of the catalogue. Year 0 is the catalogue's way to say that it does not know the year.
create table songs (
  song_id   varchar(32) not null,
  title     varchar(1024),
  artist_id varchar(32) not null,
  year      integer,
  duration  double precision,
  primary key (song_id),
  foreign key (artist_id) references artists (artist_id)
);
