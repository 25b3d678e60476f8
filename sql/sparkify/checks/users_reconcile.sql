select 'user of an event missing from users' as problem, user_id
from (
  select userid as user_id from staging_events where userid is not null
  except
  select user_id from users
) as missing
union all
select 'user without an event', user_id
from (
  select user_id from users
  except
  select userid from staging_events where userid is not null
) as surplus;
