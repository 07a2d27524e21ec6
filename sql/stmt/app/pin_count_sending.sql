-- How many pins of a project are being sent.
SELECT COUNT(*) AS sending FROM pins p
JOIN pinterest_accounts a ON a.id = p.account_id
WHERE a.project_id = :project AND p.project_id = a.project_id AND p.state = $PIN_SENDING
