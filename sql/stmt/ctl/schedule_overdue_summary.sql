-- The oldest planned schedule that is due, and how many are (to 10,000).
SELECT MIN(due_at) AS oldest, COUNT(*) AS overdue
FROM (SELECT due_at FROM schedules WHERE due_at <= UTC_TIMESTAMP(6) ORDER BY due_at LIMIT 10000) s
