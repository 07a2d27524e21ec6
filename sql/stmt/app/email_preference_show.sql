-- Which mails a person wants in a project: all, unless the person said otherwise.
SELECT COALESCE(e.transactional, 1) AS transactional, COALESCE(e.alerts, 1) AS alerts,
  COALESCE(e.verification, 1) AS verification, COALESCE(e.created_at, u.created_at) AS created_at,
  COALESCE(e.updated_at, u.created_at) AS updated_at
FROM users u
LEFT JOIN email_preferences e ON e.user_id = u.id AND e.project_id = :project
WHERE u.id = :user
