-- Disarms every fault.
DELETE FROM sandbox_armed_faults
