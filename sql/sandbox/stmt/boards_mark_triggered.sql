-- Records that the board's one-time scenario has happened.
UPDATE sandbox_boards SET triggered_at = UTC_TIMESTAMP(6) WHERE id = :id
