-- Why a new pin of this account would wait, in the order of the view `waiting`, and until when.
SELECT
  CASE
    {wait_reasons}
    WHEN a.access_expires_at <= UTC_TIMESTAMP(6) THEN $WAIT_TOKEN
    WHEN l.next_at > UTC_TIMESTAMP(6) THEN l.next_code
    ELSE $WAIT_NONE
  END AS wait_code,
  NULLIF(GREATEST(COALESCE(k.hold_until, a.created_at), COALESCE(l.hold_until, a.created_at),
    COALESCE(l.next_at, a.created_at), UTC_TIMESTAMP(6)), UTC_TIMESTAMP(6)) AS wait_until
FROM pinterest_accounts a
JOIN lanes l ON l.id = a.lane_id
JOIN projects j ON j.id = a.project_id
LEFT JOIN apps k ON k.environment = l.environment
  AND k.project_id = IF(l.environment = 0, x'00000000000000000000000000000000', a.project_id)
WHERE a.id = :id AND a.project_id = :project
