-- Forgets an account's figures that are old, or beyond the :most newest.
DELETE FROM analytics_cache
WHERE account_id = :account AND project_id = :project
  AND (fetched_at <= UTC_TIMESTAMP(6) - INTERVAL :seconds SECOND OR fetched_at <= (
    SELECT x.fetched_at FROM (
      SELECT n.fetched_at FROM analytics_cache n WHERE n.account_id = :account
      ORDER BY n.fetched_at DESC LIMIT 1 OFFSET :most
    ) x))
