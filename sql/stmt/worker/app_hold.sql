-- A limit of the whole app.
-- params: environment, until
UPDATE apps SET held_until = GREATEST(COALESCE(held_until, :until), :until)
WHERE environment = :environment
