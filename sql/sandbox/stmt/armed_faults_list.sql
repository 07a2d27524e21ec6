-- Every fault that is still armed.
SELECT id, method, path_prefix, board_id, user_id, remaining, seen, fault FROM sandbox_armed_faults
WHERE remaining > 0 ORDER BY id LIMIT 1000
