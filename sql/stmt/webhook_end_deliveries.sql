-- What a webhook that is gone was still to be told is canceled.
-- users: worker
-- params: id
UPDATE deliveries SET state = 4, due_at = NULL, last_error = 'the endpoint is gone',
  updated_at = UTC_TIMESTAMP(6)
WHERE webhook_id = :id AND state = 0
