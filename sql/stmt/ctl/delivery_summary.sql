-- Pending deliveries (to 100,000): all, overdue, the oldest due.
SELECT COUNT(*) AS pending, COALESCE(SUM(due_at <= UTC_TIMESTAMP(6)), 0) AS overdue,
  MIN(due_at) AS oldest
FROM (SELECT due_at FROM deliveries WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 100000) d
