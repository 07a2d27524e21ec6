-- Schedules follow their pins (pin_mark_restored).
-- users: ctl
-- params: after, to
UPDATE pins p FORCE INDEX (PRIMARY) JOIN schedules s ON s.id = p.schedule_id
SET s.state = 3, s.version = s.version + 1, s.updated_at = UTC_TIMESTAMP(6)
WHERE p.id > :after AND p.id <= :to AND p.state IN (1, 2) AND p.run_at <= UTC_TIMESTAMP(6)
  AND p.deleted_at IS NULL AND s.state IN (1, 2) AND s.pin_id = p.id
