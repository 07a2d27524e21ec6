-- The age of the oldest row in each table that grows. Naming a table here also lets the operator's
-- command see its size.
SELECT 'activity_logs' AS table_name,
  (SELECT created_at FROM activity_logs ORDER BY id LIMIT 1) AS oldest
UNION ALL SELECT 'events', (SELECT created_at FROM events ORDER BY id LIMIT 1)
UNION ALL SELECT 'deliveries', (SELECT created_at FROM deliveries ORDER BY id LIMIT 1)
UNION ALL SELECT 'delivery_attempts',
  (SELECT started_at FROM delivery_attempts ORDER BY delivery_id, number LIMIT 1)
UNION ALL SELECT 'pins', (SELECT created_at FROM pins ORDER BY id LIMIT 1)
UNION ALL SELECT 'attempts', (SELECT opened_at FROM attempts ORDER BY pin_id, number LIMIT 1)
UNION ALL SELECT 'schedules', (SELECT created_at FROM schedules ORDER BY id LIMIT 1)
UNION ALL SELECT 'imports', (SELECT created_at FROM imports ORDER BY id LIMIT 1)
UNION ALL SELECT 'import_rows', (SELECT m.created_at FROM import_rows r
  JOIN imports m ON m.id = r.import_id ORDER BY r.import_id, r.number LIMIT 1)
UNION ALL SELECT 'idempotency_keys', (SELECT MIN(created_at) FROM idempotency_keys WHERE kind = 2)
UNION ALL SELECT 'assets', (SELECT created_at FROM assets ORDER BY id LIMIT 1)
UNION ALL SELECT 'webhooks', (SELECT created_at FROM webhooks ORDER BY id LIMIT 1)
UNION ALL SELECT 'sessions', (SELECT created_at FROM sessions WHERE FALSE)
UNION ALL SELECT 'login_counts', (SELECT at FROM login_counts ORDER BY at LIMIT 1)
UNION ALL SELECT 'login_places', (SELECT good_at FROM login_places ORDER BY good_at LIMIT 1)
UNION ALL SELECT 'boards', (SELECT seen_at FROM boards WHERE FALSE)
UNION ALL SELECT 'analytics_cache', (SELECT fetched_at FROM analytics_cache ORDER BY fetched_at LIMIT 1)
UNION ALL SELECT 'connect_links', (SELECT created_at FROM connect_links ORDER BY id LIMIT 1)
UNION ALL SELECT 'mails', (SELECT created_at FROM mails ORDER BY id LIMIT 1)
UNION ALL SELECT 'user_tokens', (SELECT created_at FROM user_tokens WHERE FALSE)
UNION ALL SELECT 'email_preferences', (SELECT created_at FROM email_preferences WHERE FALSE)
UNION ALL SELECT 'organization_details', (SELECT updated_at FROM organization_details WHERE FALSE)
