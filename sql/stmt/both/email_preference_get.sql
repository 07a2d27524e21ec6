-- Which mails a person wants in a project; no row: all.
-- users: app worker
SELECT transactional, alerts, verification
FROM email_preferences
WHERE user_id = :user AND project_id = :project
