-- One row per identified user, with the level of that user's latest event.
create table users (
  user_id    integer not null,
  first_name varchar(256),
  last_name  varchar(256),
  gender     char(1),
  level      varchar(16),
  primary key (user_id)
);
