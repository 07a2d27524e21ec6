-- Mails that are due, the first first.
SELECT id, kind, user_id, project_id, recipient, text_sealed, attempts, created_at
FROM mails
WHERE due_at <= UTC_TIMESTAMP(6)
ORDER BY due_at
LIMIT :limit
