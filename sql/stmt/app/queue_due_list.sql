-- When what an account has to send up to a time is due, earliest first.
SELECT q.due FROM (
  {queue_due}
) q
ORDER BY q.due LIMIT :most
