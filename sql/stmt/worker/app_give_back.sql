-- The row of a sandbox that was reset becomes that of no project again, if there is none: what else
-- answers in Pinterest's place is noted somewhere.
UPDATE apps SET project_id = x'00000000000000000000000000000000', stopped_at = NULL, stop_code = 0,
  message = NULL, answers = 0, probe_at = NULL, probes_failed = 0, resumed_at = NULL,
  hold_until = NULL
WHERE project_id = :project AND NOT EXISTS (SELECT 1 FROM apps o
  WHERE o.environment = apps.environment AND o.project_id = x'00000000000000000000000000000000')
LIMIT :limit
