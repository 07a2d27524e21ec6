-- The end of a batch of pins. No row: fewer are left.
SELECT id FROM pins WHERE id > :after ORDER BY id LIMIT 1 OFFSET :rows
