-- Which mails a person wants in a project.
INSERT INTO email_preferences (user_id, project_id, transactional, alerts, verification,
  created_at, updated_at)
VALUES (:user, :project, :transactional, :alerts, :verification, UTC_TIMESTAMP(6),
  UTC_TIMESTAMP(6))
ON DUPLICATE KEY UPDATE transactional = :transactional, alerts = :alerts,
  verification = :verification, updated_at = UTC_TIMESTAMP(6)
