-- Gives up mails that are not worth sending any more.
UPDATE mails SET state = $MAIL_FAILED, due_at = NULL, text_sealed = NULL,
  ended_at = UTC_TIMESTAMP(6),
  last_error = COALESCE(last_error, 'was not sent in time')
WHERE due_at IS NOT NULL AND expires_at <= UTC_TIMESTAMP(6)
