-- The users of the new events, each from all of its events: a new event may be older than what is known already.
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
  where userid in (select userid from new_staging_events)
) as events
where recency = 1;
