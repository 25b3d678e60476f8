-- The activity log as it arrives, one row an event. COPY fills the columns by position from log_json_path.json, so their order is
-- the order of the JSONPaths. An empty string in the source is no value and loads as null (EMPTYASNULL), which is how a logged-out
-- event loses its userid "".
-- The columns that identify an event are not null: COPY then names the file and line of an event that nobody could load.
create table staging_events (
  artist        varchar(1024),
  auth          varchar(64),
  firstname     varchar(256),
  gender        char(1),
  iteminsession integer not null,
  lastname      varchar(256),
  length        double precision,
  level         varchar(16),
  location      varchar(1024),
  method        varchar(16),
  page          varchar(64) not null,
  registration  double precision,
  sessionid     integer not null,
  song          varchar(1024),
  status        integer,
  ts            bigint not null,
  useragent     varchar(2048),
  userid        integer
);
