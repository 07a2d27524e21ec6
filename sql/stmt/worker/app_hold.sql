-- Holds the whole app because of a limit.
UPDATE apps SET hold_until = GREATEST(COALESCE(hold_until, :until), :until)
WHERE environment = :environment AND project_id = :project
