-- The import whose turn it is: of the environment :first before the other one, then of the project
-- whose last turn is longest ago (:served: those of late, the last one last), then its oldest. Each
-- turn puts an import behind the others of its project.
SELECT i.id, i.project_id, i.shard, i.status, i.account_ids, i.actor_label, i.total_rows,
  i.processed_rows, i.created_at, i.maybe_sent_since
FROM imports i JOIN projects p ON p.id = i.project_id
WHERE i.due_at <= UTC_TIMESTAMP(6) AND i.shard IN (:shards[64])
ORDER BY p.environment <> :first, FIELD(i.project_id, :served[64]), i.due_at
LIMIT 1
