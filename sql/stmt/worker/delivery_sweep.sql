-- Deletes deliveries that a reset left behind, with their attempts.
DELETE d, t FROM (
  SELECT v.id FROM deliveries v WHERE v.project_id = :project LIMIT :limit) x
JOIN deliveries d ON d.id = x.id
LEFT JOIN delivery_attempts t ON t.delivery_id = d.id
