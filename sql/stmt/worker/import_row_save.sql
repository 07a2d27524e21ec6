-- Writes the result of a row, unless it has one.
UPDATE import_rows SET status = :status, pin_id = :pin, schedule_id = :schedule,
  idempotency_key = :key, error_code = :code, error_message = :message, errors = :errors
WHERE import_id = :id AND number = :number AND status IS NULL
