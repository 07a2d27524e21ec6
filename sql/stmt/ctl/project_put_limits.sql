-- Gives a project limits of its own, all of them; NULL: none.
UPDATE projects SET limits = :limits WHERE id = :project
