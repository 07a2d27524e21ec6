-- The first armed fault that matches this request.
SELECT id, permille, seed, seen, fault FROM sandbox_armed_faults
WHERE remaining > 0 AND (method IS NULL OR method = :method)
  AND LEFT(:path, CHAR_LENGTH(path_prefix)) = path_prefix
  AND (board_id IS NULL OR board_id = :board) AND (user_id IS NULL OR user_id = :user)
ORDER BY id LIMIT 1
