-- Events of a project in the order in which they were written, behind :key and :after. One that is
-- written but not yet committed is waited for, and in vain it ends the list, so that nothing appears
-- behind a reader's back; what is about to be written is younger than :settle_s.
SELECT id, type, account_id, body, created_at FROM events FORCE INDEX (by_created)
WHERE project_id = :project AND created_at >= :key AND (created_at > :key OR id > :after)
  AND created_at < UTC_TIMESTAMP(6) - INTERVAL :settle_s SECOND
ORDER BY created_at, id
LIMIT :limit
LOCK IN SHARE MODE WAIT 1
