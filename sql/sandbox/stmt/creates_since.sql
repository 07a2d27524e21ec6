-- Ledger rows after `since`, in order, as JSON.
SELECT JSON_OBJECT('id', id, 'at', DATE_FORMAT(arrived_at, '%Y-%m-%dT%H:%i:%s.%fZ'),
  'answered_at', DATE_FORMAT(answered_at, '%Y-%m-%dT%H:%i:%s.%fZ'), 'user_id', CAST(user_id AS CHAR),
  'board_id', CAST(board_id AS CHAR), 'body_sha256', LOWER(HEX(body_hash)), 'body', CONVERT(body USING utf8mb4),
  'status', status, 'pin_id', CAST(pin_id AS CHAR), 'fault', fault) AS item
FROM sandbox_creates WHERE id > :since ORDER BY id LIMIT :limit
