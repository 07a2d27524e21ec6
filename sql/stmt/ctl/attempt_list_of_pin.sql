-- The last attempts of one pin, oldest first.
SELECT number, opened_at, gate_at, closed_at, outcome, http_status, pinterest_code, message,
  request_id
FROM (SELECT * FROM attempts WHERE pin_id = :pin ORDER BY number DESC LIMIT 20) t
ORDER BY number
