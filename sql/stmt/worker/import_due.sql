-- The import whose turn it is: each turn puts it behind the others.
SELECT id, project_id, shard, status, account_ids, actor_label, total_rows, processed_rows,
  created_at, maybe_sent_since
FROM imports
WHERE due_at <= UTC_TIMESTAMP(6) AND shard IN (:shards[64])
ORDER BY due_at
LIMIT 1
