-- Deletes rows of imports that ended :days ago; the import itself stays.
DELETE r FROM (
  SELECT v.import_id, v.number FROM import_rows v STRAIGHT_JOIN imports m ON m.id = v.import_id
  WHERE v.import_id < {id_days_ago}
    AND m.due_at IS NULL AND m.updated_at < UTC_TIMESTAMP(6) - INTERVAL :days DAY
  ORDER BY v.import_id, v.number LIMIT :limit) x
JOIN import_rows r ON r.import_id = x.import_id AND r.number = x.number
