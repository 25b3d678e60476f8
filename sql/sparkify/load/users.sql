-- The row of each user is taken whole from the latest event; events of the same millisecond are ordered by session and item, and
-- what is still equal by the values themselves, so that the same events give the same users in whatever order they were staged.
insert into users (user_id, first_name, last_name, gender, level)
select userid, firstname, lastname, gender, level
from (
  select
    userid, firstname, lastname, gender, level,
    row_number() over (
      partition by userid
      order by ts desc, sessionid desc, iteminsession desc, level desc, firstname, lastname, gender
    ) as recency
  from staging_events
  where userid is not null
) as events
where recency = 1;
