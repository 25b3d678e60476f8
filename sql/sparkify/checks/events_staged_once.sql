-- Loaded once all the same; worth knowing, because the source delivers some events twice.
select sessionid, iteminsession, ts, userid, page, count(*) as copies
from staging_events
group by sessionid, iteminsession, ts, userid, page
having count(*) > 1;
