-- Webhooks that fail now, and that were disabled within a week and not by a person; of how many
-- organizations; of how many any was tried within a day, and none of those works.
SELECT CAST(COALESCE(SUM(o.failing), 0) AS SIGNED) AS failing,
  CAST(COALESCE(SUM(o.disabled), 0) AS SIGNED) AS disabled,
  CAST(COALESCE(SUM(o.failing + o.disabled > 0), 0) AS SIGNED) AS concerned,
  CAST(COALESCE(SUM(o.tried > 0), 0) AS SIGNED) AS tried,
  CAST(COALESCE(SUM(o.tried > 0 AND o.tried = o.failing_tried), 0) AS SIGNED) AS cut_off
FROM (
  SELECT SUM(w.is_enabled = 1 AND w.failing_since IS NOT NULL) AS failing,
    SUM(w.is_enabled = 0) AS disabled,
    SUM(w.is_enabled = 1 AND COALESCE(w.last_attempt_at > t.day_ago, 0)) AS tried,
    SUM(w.is_enabled = 1 AND COALESCE(w.last_attempt_at > t.day_ago, 0)
      AND w.failing_since IS NOT NULL) AS failing_tried
  FROM webhooks w JOIN projects j ON j.id = w.project_id
  JOIN (SELECT UTC_TIMESTAMP(6) - INTERVAL 1 DAY AS day_ago) t
  WHERE w.deleted_at IS NULL
    AND (w.is_enabled = 1 OR (w.disabled_reason <> 'by_user'
      AND w.disabled_at > UTC_TIMESTAMP(6) - INTERVAL 7 DAY))
  GROUP BY j.organization_id) o
