-- Forgets every row of sandbox_creates.
-- users: sandbox
DELETE FROM sandbox_creates
