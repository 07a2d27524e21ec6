-- Figures of Pinterest that were read not long ago.
SELECT answer, fetched_at FROM analytics_cache
WHERE account_id = :account AND question = :question AND project_id = :project
  AND fetched_at > UTC_TIMESTAMP(6) - INTERVAL :seconds SECOND
