-- The next rows of an import, in order. Rows up to :done are finished.
SELECT number, line, payload, refused_code, refused_field, refused_message FROM import_rows
WHERE import_id = :id AND number > :done AND status IS NULL
ORDER BY number
LIMIT :limit
