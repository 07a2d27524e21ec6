-- The end of a batch of schedules. No row: the rest is less than one.
SELECT id FROM schedules WHERE id > :after ORDER BY id LIMIT 1 OFFSET :rows
