-- Accounts of which pins wait, with why all pins of the account wait.
SELECT a.id,
  CASE
    {wait_reasons}
    WHEN a.access_expires_at <= UTC_TIMESTAMP(6) THEN $WAIT_TOKEN
    WHEN l.next_at > UTC_TIMESTAMP(6) THEN l.next_code
    ELSE $WAIT_NONE
  END AS wait_code
FROM pinterest_accounts a
JOIN lanes l ON l.id = a.lane_id
JOIN projects j ON j.id = a.project_id
LEFT JOIN apps k ON k.environment = l.environment
  AND k.project_id = IF(l.environment = 0, x'00000000000000000000000000000000', a.project_id)
WHERE a.project_id = :project AND (:allow IS NULL OR FIND_IN_SET(LOWER(HEX(a.id)), :allow))
  AND (:account IS NULL OR a.id = :account)
  AND EXISTS (SELECT 1 FROM pins p FORCE INDEX (head) WHERE p.account_id = a.id
    AND p.state = $PIN_WAITING)
