-- Compares with every event of the user's latest millisecond: the tie-break of the load is free to choose among them.
with latest as (
  select userid, max(ts) as ts
  from staging_events
  where userid is not null
  group by userid
),
levels as (
  select distinct staging_events.userid, staging_events.level
  from staging_events
  join latest on latest.userid = staging_events.userid and latest.ts = staging_events.ts
)
select users.user_id, users.level
from users
left join levels on levels.userid = users.user_id and levels.level = users.level
where levels.userid is null;
