-- The distinct start times of the plays, in UTC and to the millisecond, taken apart for grouping. Weeks are ISO weeks.
create table time (
  start_time timestamp not null,
  hour       integer not null,
  day        integer not null,
  week       integer not null,
  month      integer not null,
  year       integer not null,
  weekday    varchar(9) not null,
  primary key (start_time)
);
