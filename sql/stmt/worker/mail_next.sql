-- When the next mail is due, past or future.
SELECT due_at AS next_at, UTC_TIMESTAMP(6) AS now FROM mails
WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1
