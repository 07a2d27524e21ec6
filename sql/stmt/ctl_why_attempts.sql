-- The last attempts of one pin, oldest first.
-- users: ctl
-- params: pin
SELECT n, opened_at, gate_at, closed_at, outcome, http_status, pinterest_code, message, request_id
FROM (SELECT * FROM attempts WHERE pin_id = :pin ORDER BY n DESC LIMIT 20) t
ORDER BY n
