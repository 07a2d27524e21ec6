-- Deletes accounts that a request connected under the earlier id although the sandbox has that
-- Pinterest user: account_keep left them. Those whose pins are being sent have to wait.
DELETE a FROM (
  SELECT v.id FROM pinterest_accounts v
  JOIN projects j ON j.id BETWEEN CONCAT(LEFT(v.project_id, 13), x'000000')
      AND CONCAT(LEFT(v.project_id, 13), x'FFFFFF')
    AND j.reset_at IS NULL
  JOIN pinterest_accounts w ON w.project_id = j.id AND w.pinterest_user_id = v.pinterest_user_id
  WHERE v.project_id = :project AND NOT EXISTS (SELECT 1 FROM pins p WHERE p.project_id = :project)
  LIMIT :limit) x
JOIN pinterest_accounts a ON a.id = x.id
