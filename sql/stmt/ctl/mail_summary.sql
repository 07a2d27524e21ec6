-- What of the mails waits, what failed on its last try, and what was given up within a day; when the
-- first of these was written, and when the last mail was sent within that day.
SELECT CAST(COALESCE(SUM(state = $MAIL_WAITING), 0) AS SIGNED) AS waiting,
  CAST(COALESCE(SUM(state = $MAIL_WAITING AND last_error IS NOT NULL), 0) AS SIGNED) AS failing,
  CAST(COALESCE(SUM(state = $MAIL_FAILED), 0) AS SIGNED) AS given_up,
  MIN(IF(state = $MAIL_WAITING, created_at, NULL)) AS oldest,
  MIN(IF(state = $MAIL_FAILED OR last_error IS NOT NULL, created_at, NULL)) AS failing_since,
  MAX(IF(state <> $MAIL_SENT, last_error, NULL)) AS last_error,
  MAX(IF(state = $MAIL_SENT, ended_at, NULL)) AS sent_at
FROM mails
WHERE (state = $MAIL_WAITING AND expires_at > UTC_TIMESTAMP(6))
  OR (state IN ($MAIL_FAILED, $MAIL_SENT) AND ended_at > UTC_TIMESTAMP(6) - INTERVAL 1 DAY)
