-- Forgets an account's figures, so that the next read asks Pinterest.
DELETE FROM analytics_cache WHERE account_id = :account AND project_id = :project
