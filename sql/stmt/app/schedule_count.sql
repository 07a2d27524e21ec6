-- How many schedules match the same filters, up to :most.
SELECT COUNT(*) AS total FROM (
  SELECT 1 FROM schedules s
  LEFT JOIN waiting w ON :deferred IS NOT NULL AND w.pin_id = s.pin_id
  WHERE {schedule_filter} AND {schedule_search}
  LIMIT :most
) n
