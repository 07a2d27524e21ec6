-- Every fault that is still armed, as JSON.
SELECT JSON_OBJECT('id', id, 'method', method, 'path_prefix', path_prefix, 'board_id', CAST(board_id AS CHAR),
  'user_id', CAST(user_id AS CHAR), 'remaining', remaining, 'seen', seen, 'fault', JSON_COMPACT(fault)) AS item
FROM sandbox_armed_faults WHERE remaining > 0 ORDER BY id LIMIT 1000
