-- A limit of the whole app.
UPDATE apps SET held_until = GREATEST(COALESCE(held_until, :until), :until)
WHERE environment = :environment
