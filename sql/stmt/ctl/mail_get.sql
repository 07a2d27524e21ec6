-- A mail that was not sent yet.
SELECT recipient, text_sealed
FROM mails
WHERE id = :id AND state = $MAIL_WAITING AND expires_at > UTC_TIMESTAMP(6)
