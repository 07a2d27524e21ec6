-- The oldest import that is due.
SELECT MIN(due_at) AS oldest FROM imports WHERE due_at <= UTC_TIMESTAMP(6)
