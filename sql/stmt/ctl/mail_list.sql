-- Mails, the newest first.
SELECT id, kind, state, recipient, attempts, due_at, last_error, created_at, expires_at, ended_at
FROM mails
WHERE state <> $MAIL_DECOY AND (:all OR state = $MAIL_WAITING AND expires_at > UTC_TIMESTAMP(6))
ORDER BY id DESC
LIMIT 200
