-- Forgets every row of sandbox_arms.
-- users: sandbox
DELETE FROM sandbox_arms
