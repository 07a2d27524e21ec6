-- How many schedules match the same filters, up to :most.
SELECT COUNT(*) AS total FROM (
  SELECT 1 FROM schedules s
  WHERE {schedule_filter} AND {schedule_search}
  LIMIT :most
) n
