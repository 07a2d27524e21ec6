-- Every fault still armed.
-- users: sandbox
SELECT id, method, path_prefix, board_id, user_id, remaining, seen, fault FROM sandbox_arms
WHERE remaining > 0 ORDER BY id LIMIT 1000
