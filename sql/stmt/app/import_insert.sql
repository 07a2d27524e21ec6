-- A new import, due immediately.
INSERT INTO imports (id, project_id, shard, source_type, source_filename, status, due_at,
  account_ids, actor_label, total_rows, warnings, created_at, updated_at)
VALUES (:id, :project, :shard, :source, :filename, 0, UTC_TIMESTAMP(6), :allow, :label, :rows, :warnings,
  UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))
