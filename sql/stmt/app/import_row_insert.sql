-- One row of an import, as received.
INSERT INTO import_rows (import_id, number, line, payload, refused_code, refused_field, refused_message)
VALUES (:id, :number, :line, :payload, :code, :field, LEFT(:message, 500))
