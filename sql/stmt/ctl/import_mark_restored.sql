-- Marks imports that were in progress in the backup: what their rows created is looked up before it
-- is sent.
UPDATE imports SET maybe_sent_since = LEAST(COALESCE(maybe_sent_since, :since), :since)
WHERE due_at IS NOT NULL
