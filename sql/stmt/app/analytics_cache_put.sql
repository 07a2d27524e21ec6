-- Keeps figures of Pinterest for a few minutes.
INSERT INTO analytics_cache (account_id, question, project_id, answer, fetched_at)
VALUES (:account, :question, :project, :answer, :now)
ON DUPLICATE KEY UPDATE project_id = VALUES(project_id), answer = VALUES(answer),
  fetched_at = VALUES(fetched_at)
