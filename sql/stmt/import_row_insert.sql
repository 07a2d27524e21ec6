-- One row of an import, as it came.
-- users: app
-- params: id, n, payload
INSERT INTO import_rows (import_id, n, payload) VALUES (:id, :n, :payload)
