-- The ledger row of one POST /pins.
INSERT INTO sandbox_creates (arrived_at, answered_at, user_id, board_id, body_hash, body, link_host,
  status, pin_id, fault)
VALUES (:arrived_at, UTC_TIMESTAMP(6), :user, :board, :hash, :body, :link_host, :status, :pin, :fault)
