-- The connected accounts of a project, or of all (:project is NULL).
SELECT a.id, a.project_id, p.environment, a.username, a.pinterest_user_id, a.health, a.health_code,
  a.paused_at,
  (SELECT COUNT(*) FROM pins n WHERE n.account_id = a.id AND n.state = $PIN_WAITING) AS waiting
FROM pinterest_accounts a
JOIN projects p ON p.id = a.project_id
WHERE (a.project_id = :project OR :project IS NULL) AND a.revoked_at IS NULL
ORDER BY a.project_id, a.created_at, a.id
