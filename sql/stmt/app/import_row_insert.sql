-- One row of an import, as received.
INSERT INTO import_rows (import_id, number, payload) VALUES (:id, :number, :payload)
