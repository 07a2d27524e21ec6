-- Per body, as JSON: how often received, how often made into a pin. Latest first.
SELECT JSON_OBJECT('body_sha256', LOWER(HEX(body_hash)), 'received', COUNT(*), 'committed', COUNT(pin_id),
  'board_id', CAST(MAX(board_id) AS CHAR),
  'first_at', DATE_FORMAT(MIN(arrived_at), '%Y-%m-%dT%H:%i:%s.%fZ'),
  'last_at', DATE_FORMAT(MAX(arrived_at), '%Y-%m-%dT%H:%i:%s.%fZ')) AS item
FROM sandbox_creates
WHERE (:user = 0 OR user_id = :user) AND (:hash IS NULL OR body_hash = :hash)
GROUP BY body_hash ORDER BY MAX(id) DESC LIMIT :limit
