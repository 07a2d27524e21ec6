-- The next rows of an import, in order. Rows up to :done are finished.
SELECT number, payload FROM import_rows
WHERE import_id = :id AND number > :done AND status IS NULL
ORDER BY number
LIMIT :limit
