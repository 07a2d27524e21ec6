-- Schedules follow their pins (ctl_recover_pins).
-- users: ctl
UPDATE schedules SET state = 3, version = version + 1, updated_at = UTC_TIMESTAMP(6)
WHERE state IN (1, 2) AND pin_id IN (SELECT p.id FROM pins p
  WHERE p.state IN (1, 2) AND p.run_at <= UTC_TIMESTAMP(6) AND p.deleted_at IS NULL)
