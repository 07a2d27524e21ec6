-- Deletes pins that a reset left behind, with their attempts; those being sent have to end first.
DELETE p, t FROM (
  SELECT v.id FROM pins v
  WHERE v.project_id = :project AND v.state <> $PIN_SENDING LIMIT :limit) x
JOIN pins p ON p.id = x.id
LEFT JOIN attempts t ON t.pin_id = p.id
WHERE p.state <> $PIN_SENDING
