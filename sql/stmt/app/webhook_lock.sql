-- Which accounts' events a webhook gets, until the transaction ends.
SELECT account_ids FROM webhooks
WHERE id = :id AND project_id = :project AND deleted_at IS NULL
FOR UPDATE
