-- Failed pins by project, account and error; those past their deadline, and those whose account is no
-- longer connected, which cannot be put back.
SELECT p.project_id, j.name AS project_name, j.environment, p.account_id, a.username, p.error_code,
  COUNT(*) AS pins, SUM(p.not_after <= UTC_TIMESTAMP(6)) AS late, a.revoked_at IS NOT NULL AS gone
FROM pins p JOIN projects j ON j.id = p.project_id
JOIN pinterest_accounts a ON a.id = p.account_id
WHERE {pin_retry_filter}
GROUP BY p.project_id, p.account_id, p.error_code
ORDER BY p.project_id, p.account_id, p.error_code
