-- Webhooks that fail now, or that were disabled within a week and not by a person: the worst of each
-- organization, then the second of each, and so on; and how many there are.
SELECT w.id, w.url, w.is_enabled, w.disabled_reason, w.failing_since, w.disabled_at,
  w.last_error, j.id AS project_id, j.name, COUNT(*) OVER () AS total
FROM webhooks w JOIN projects j ON j.id = w.project_id
WHERE w.deleted_at IS NULL
  AND ((w.is_enabled = 1 AND w.failing_since IS NOT NULL)
    OR (w.is_enabled = 0 AND w.disabled_reason <> 'by_user'
      AND w.disabled_at > UTC_TIMESTAMP(6) - INTERVAL 7 DAY))
ORDER BY ROW_NUMBER() OVER (PARTITION BY j.organization_id
    ORDER BY w.consecutive_failures DESC, COALESCE(w.disabled_at, w.failing_since)),
  w.consecutive_failures DESC, COALESCE(w.disabled_at, w.failing_since)
LIMIT 20
