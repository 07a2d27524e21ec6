-- Reset of a project: from now on it has another id, and nothing under it yet. Ends a pause.
UPDATE projects SET id = :to, paused_at = NULL WHERE id = :from AND reset_at IS NULL
