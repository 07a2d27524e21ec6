-- The next rows of an import, in order. Rows up to :done are finished.
-- users: worker
-- params: id, done, limit
SELECT n, payload FROM import_rows
WHERE import_id = :id AND n > :done AND status IS NULL
ORDER BY n
LIMIT :limit
