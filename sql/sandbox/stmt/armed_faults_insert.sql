-- Arms a fault.
INSERT INTO sandbox_armed_faults (method, path_prefix, board_id, user_id, remaining, permille, seed, seen, fault)
VALUES (:method, :path, :board, :user, :times, :permille, :seed, 0, :fault)
RETURNING id
