-- What happened to a schedule and its pin (either may be NULL), oldest first, up to :most rows.
SELECT t.at, t.kind, t.name, t.number, t.code, t.http_status, t.message, t.actor, t.webhook_id,
  t.ended_at
FROM (
  (SELECT created_at AS at, 1 AS kind, action AS name, 0 AS number, 0 AS code, 0 AS http_status,
     message, COALESCE(actor_label, actor_type) AS actor, NULL AS webhook_id, NULL AS ended_at
   FROM activity_logs WHERE resource_id IN (:schedule, :pin) AND project_id = :project
   ORDER BY created_at DESC LIMIT :most)
  UNION ALL
  (SELECT opened_at, 2, rule, number, COALESCE(outcome, 0), COALESCE(http_status, 0), message,
     NULL, NULL, closed_at
   FROM attempts WHERE pin_id = :pin AND project_id = :project ORDER BY number DESC LIMIT :most)
  UNION ALL
  (SELECT created_at, 3, NULL, 0, type, 0, NULL, NULL, NULL, NULL
   FROM events WHERE subject_id IN (:schedule, :pin) AND project_id = :project LIMIT :most)
  UNION ALL
  (SELECT d.updated_at, 4, NULL, d.attempts, d.state, COALESCE(d.last_status, 0), d.last_error,
     NULL, d.webhook_id, d.delivered_at
   FROM events e JOIN deliveries d ON d.event_id = e.id
   WHERE e.subject_id IN (:schedule, :pin) AND e.project_id = :project
     AND d.project_id = :project LIMIT :most)
) t
ORDER BY t.at DESC, t.kind DESC LIMIT :most
