-- One row per artist_id of the catalogue. Location and coordinates are null where the catalogue does not know them.
create table artists (
  artist_id varchar(32) not null,
  name      varchar(1024),
  location  varchar(1024),
  latitude  double precision,
  longitude double precision,
  primary key (artist_id)
);
