-- The end of a batch of schedules. No row: fewer are left.
SELECT id FROM schedules WHERE id > :after ORDER BY id LIMIT 1 OFFSET :rows
