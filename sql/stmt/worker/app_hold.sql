-- Holds the whole app because of a limit.
UPDATE apps SET held_until = GREATEST(COALESCE(held_until, :until), :until)
WHERE environment = :environment
