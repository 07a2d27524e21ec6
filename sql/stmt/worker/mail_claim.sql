-- Takes a mail to be sent: it is due again after :lease_s, if nothing is heard of it.
UPDATE mails SET attempts = attempts + 1,
  due_at = UTC_TIMESTAMP(6) + INTERVAL :lease_s SECOND
WHERE id = :id AND state = $MAIL_WAITING
