-- Failed ones may have been retried since: should that happen again, they are looked for first.
-- users: ctl
-- params: since
UPDATE pins SET look_since = :since
WHERE state = 5 AND deleted_at IS NULL AND failed_at >= :since - INTERVAL 30 DAY
