-- A mail was not sent, and is tried again, unless another worker has taken it meanwhile.
UPDATE mails SET due_at = UTC_TIMESTAMP(6) + INTERVAL :wait_ms * 1000 MICROSECOND,
  last_error = :error
WHERE id = :id AND state = $MAIL_WAITING AND attempts = :attempts
