-- Per body: how often received, how often made into a pin. Latest first.
SELECT LOWER(HEX(body_hash)) AS body_hash, COUNT(*) AS creates, COUNT(pin_id) AS pins, MAX(board_id) AS board_id, MIN(arrived_at) AS first_at, MAX(arrived_at) AS last_at
FROM sandbox_creates
WHERE (:user = 0 OR user_id = :user) AND (:hash IS NULL OR body_hash = :hash)
GROUP BY body_hash ORDER BY MAX(id) DESC LIMIT :limit
