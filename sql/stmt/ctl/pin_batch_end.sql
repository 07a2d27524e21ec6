-- The end of a batch of pins. No row: the rest is less than one.
SELECT id FROM pins WHERE id > :after ORDER BY id LIMIT 1 OFFSET :rows
