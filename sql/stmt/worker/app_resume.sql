-- Pinterest accepts the app again.
UPDATE apps SET stopped_at = NULL, stop_code = 0, message = NULL, answers = 0, probe_at = NULL,
  probes_failed = 0, resumed_at = UTC_TIMESTAMP(6)
WHERE environment = :environment AND project_id = :project AND (stopped_at IS NOT NULL OR probes_failed > 0)
