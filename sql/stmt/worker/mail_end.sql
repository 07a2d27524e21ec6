-- A mail was sent, or is given up.
UPDATE mails SET state = :state, due_at = NULL, text_sealed = NULL, ended_at = UTC_TIMESTAMP(6),
  last_error = :error
WHERE id = :id AND state = $MAIL_WAITING
