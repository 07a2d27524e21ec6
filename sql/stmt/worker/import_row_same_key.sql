-- An earlier row of the import that has made something with the same idempotency key.
SELECT number, line FROM import_rows
WHERE import_id = :id AND number < :number AND idempotency_key = :key AND status IN (0, 1)
ORDER BY number
LIMIT 1
