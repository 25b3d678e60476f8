-- The song catalogue as it arrives, one row a track file. Widths are bytes: the longest artist names and titles of the Million Song
-- Dataset pass 600.
create table staging_songs (
  artist_id        varchar(32) not null,
  artist_latitude  double precision,
  artist_location  varchar(1024),
  artist_longitude double precision,
  artist_name      varchar(1024),
  duration         double precision,
  num_songs        integer,
  song_id          varchar(32) not null,
  title            varchar(1024),
  year             integer
);
