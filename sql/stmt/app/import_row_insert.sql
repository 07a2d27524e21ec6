-- One row of an import, as it came.
-- params: id, number, payload
INSERT INTO import_rows (import_id, number, payload) VALUES (:id, :number, :payload)
