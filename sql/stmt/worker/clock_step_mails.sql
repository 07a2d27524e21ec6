-- What was to be sent at a time that is far ahead now is due.
UPDATE mails SET due_at = UTC_TIMESTAMP(6) WHERE due_at > UTC_TIMESTAMP(6)
