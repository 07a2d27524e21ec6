-- A look-up was answered by Pinterest and no pin waits to test it with a create: nothing is wrong for
-- now. probes_failed stays: the next create is a test.
UPDATE apps SET stopped_at = NULL, stop_code = 0, message = NULL, answers = 0, probe_at = NULL
WHERE environment = :environment AND project_id = :project AND stopped_at IS NOT NULL AND stop_code = $WAIT_NOT_PINTEREST
  AND NOT EXISTS (SELECT 1 FROM lanes l JOIN pins p FORCE INDEX (verify)
    ON p.lane_id = l.id AND p.state = $PIN_WAITING WHERE l.environment = apps.environment
      AND apps.project_id IN (x'00000000000000000000000000000000', p.project_id))
