-- What had its time in the last :since seconds and went late, or has not gone: the latest first.
SELECT t.id, t.is_pin FROM (
  (SELECT s.id, 0 AS is_pin, s.run_at
   FROM projects j JOIN schedules s ON s.project_id = j.id AND s.deleted_at IS NULL
   WHERE s.run_at >= UTC_TIMESTAMP(6) - INTERVAL :since SECOND
     AND s.run_at < UTC_TIMESTAMP(6) - INTERVAL :late_by SECOND AND {schedule_late}
   ORDER BY s.run_at DESC LIMIT :most)
  UNION ALL
  (SELECT p.id, 1, p.run_at
   FROM projects j JOIN pins p ON p.project_id = j.id AND p.deleted_at IS NULL
   WHERE p.created_at >= UTC_TIMESTAMP(6) - INTERVAL :since SECOND AND p.schedule_id IS NULL
     AND p.created_at < UTC_TIMESTAMP(6) - INTERVAL :late_by SECOND AND {pin_late}
   ORDER BY p.run_at DESC LIMIT :most)
) t
ORDER BY t.run_at DESC LIMIT :most
