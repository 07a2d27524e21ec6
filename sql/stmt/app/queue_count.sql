-- How much an account has to send up to a time.
SELECT COUNT(*) AS ahead FROM (
  {queue_due}
) q
