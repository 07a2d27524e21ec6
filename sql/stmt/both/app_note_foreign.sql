-- Something other than Pinterest answered a call that is not a create: for the operator's status.
-- users: app worker
UPDATE apps SET foreign_at = UTC_TIMESTAMP(6), foreign_message = LEFT(:message, 500)
WHERE environment = :environment
ORDER BY project_id LIMIT 1
