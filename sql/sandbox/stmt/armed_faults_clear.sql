-- Disarms every fault.
-- users: sandbox
DELETE FROM sandbox_armed_faults
