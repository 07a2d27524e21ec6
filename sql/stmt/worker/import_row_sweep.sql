-- Deletes rows of imports that a reset left behind.
DELETE r FROM (
  SELECT v.import_id, v.number FROM imports m STRAIGHT_JOIN import_rows v ON v.import_id = m.id
  WHERE m.project_id = :project LIMIT :limit) x
JOIN import_rows r ON r.import_id = x.import_id AND r.number = x.number
