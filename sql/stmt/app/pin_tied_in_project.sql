-- Another account's pin in the project that has this Pinterest id. (Within a lane the key lane_pin
-- prevents it.)
SELECT p.id FROM pinterest_accounts a
JOIN pins p ON p.lane_id = a.lane_id AND p.pinterest_pin_id = :pinterest
WHERE a.project_id = :project AND p.project_id = :project AND p.id <> :id
LIMIT 1
