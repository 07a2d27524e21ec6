-- Locks a project's row, so that a count stays true until the commit.
SELECT id, limits FROM projects WHERE id = :project FOR UPDATE
