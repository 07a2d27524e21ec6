-- Ledger rows after `since`, in order.
SELECT id, arrived_at, answered_at, user_id, board_id, LOWER(HEX(body_hash)) AS body_hash, body, status, pin_id, fault
FROM sandbox_creates WHERE id > :since ORDER BY id LIMIT :limit
