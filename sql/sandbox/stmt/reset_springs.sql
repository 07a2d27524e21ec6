-- Every one-time event may happen again.
-- users: sandbox
UPDATE sandbox_boards SET sprung_at = NULL WHERE sprung_at IS NOT NULL
