-- A delivery succeeded at a webhook that was failing.
UPDATE webhooks SET failing_since = NULL WHERE id = :id AND failing_since IS NOT NULL
