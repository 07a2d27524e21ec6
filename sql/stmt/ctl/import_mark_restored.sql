-- Imports that the backup shows under way: what becomes of their rows is looked for before it is sent.
UPDATE imports SET maybe_sent_since = LEAST(COALESCE(maybe_sent_since, :since), :since) WHERE due_at IS NOT NULL
