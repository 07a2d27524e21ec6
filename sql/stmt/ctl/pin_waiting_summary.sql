-- Waiting pins by reason, in order of deadline, at most :most of them: how many, how many in
-- production, of how many accounts, and the account with most of them.
SELECT r.wait_code, r.pins, r.production, r.accounts, r.oldest, r.soonest, a.id AS account_id, a.username,
  j.id AS project_id, j.name
FROM (SELECT x.wait_code, SUM(x.pins) AS pins, SUM(x.production) AS production, COUNT(*) AS accounts, MIN(x.oldest) AS oldest,
    MIN(x.soonest) AS soonest,
    UNHEX(SUBSTRING_INDEX(GROUP_CONCAT(HEX(x.account_id) ORDER BY x.pins DESC), ',', 1)) AS top
  FROM (SELECT w.wait_code, p.account_id, COUNT(*) AS pins,
      COUNT(IF(q.environment = 0, 1, NULL)) AS production, MIN(p.run_at) AS oldest,
      MIN(w.wait_until) AS soonest
    FROM (SELECT id, account_id, project_id, run_at FROM pins WHERE deadline_at IS NOT NULL
      ORDER BY deadline_at LIMIT :most) p
    JOIN waiting w ON w.pin_id = p.id
    JOIN projects q ON q.id = p.project_id
    GROUP BY w.wait_code, p.account_id) x
  GROUP BY x.wait_code) r
JOIN pinterest_accounts a ON a.id = r.top
JOIN projects j ON j.id = a.project_id
ORDER BY r.pins DESC
