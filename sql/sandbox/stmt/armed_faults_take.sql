-- Counts a match (hit = 1: uses the fault once) unless another request was faster.
UPDATE sandbox_armed_faults SET remaining = remaining - :hit, seen = seen + 1
WHERE id = :id AND seen = :seen AND remaining > 0
