-- A delivery failed: no row means that the webhook was failing already.
UPDATE webhooks SET failing_since = UTC_TIMESTAMP(6) WHERE id = :id AND failing_since IS NULL
