-- Waiting pins by reason, in order of deadline, at most :most of them: how many, of how many
-- accounts, and the account with most of them.
SELECT r.wait_code, r.pins, r.accounts, r.oldest, r.soonest, a.id AS account_id, a.username,
  j.id AS project_id, j.name
FROM (SELECT x.wait_code, SUM(x.pins) AS pins, COUNT(*) AS accounts, MIN(x.oldest) AS oldest,
    MIN(x.soonest) AS soonest,
    UNHEX(SUBSTRING_INDEX(GROUP_CONCAT(HEX(x.account_id) ORDER BY x.pins DESC), ',', 1)) AS top
  FROM (SELECT w.wait_code, p.account_id, COUNT(*) AS pins, MIN(p.run_at) AS oldest,
      MIN(w.wait_until) AS soonest
    FROM (SELECT id, account_id, run_at FROM pins WHERE deadline_at IS NOT NULL
      ORDER BY deadline_at LIMIT :most) p
    JOIN waiting w ON w.pin_id = p.id
    GROUP BY w.wait_code, p.account_id) x
  GROUP BY x.wait_code) r
JOIN pinterest_accounts a ON a.id = r.top
JOIN projects j ON j.id = a.project_id
ORDER BY r.pins DESC
