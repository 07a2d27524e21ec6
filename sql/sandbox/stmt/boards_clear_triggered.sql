-- Lets one-time scenarios happen again.
UPDATE sandbox_boards SET triggered_at = NULL WHERE triggered_at IS NOT NULL
