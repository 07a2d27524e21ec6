-- Limits of its own that a project has, until the commit nobody else's to change.
SELECT limits FROM projects WHERE id = :project FOR UPDATE
