-- Forgets every row of sandbox_armed_faults.
-- users: sandbox
DELETE FROM sandbox_armed_faults
