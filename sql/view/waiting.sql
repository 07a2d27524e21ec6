-- Why a pin waits: computed when read, one definition for every list, filter and status. The order
-- of the WHENs: first what the owner must act on. Codes: enum wait_code.
CREATE OR REPLACE VIEW waiting AS
SELECT p.id AS pin_id, p.project_id,
  CASE
    WHEN p.state <> $PIN_WAITING THEN $WAIT_NONE
    {wait_reasons}
    WHEN p.error_code IS NOT NULL AND p.due_at > UTC_TIMESTAMP(6) THEN $WAIT_RETRY
    WHEN a.access_expires_at <= UTC_TIMESTAMP(6) THEN $WAIT_TOKEN
    WHEN l.busy_until > UTC_TIMESTAMP(6) AND l.in_flight_pin <> p.id
      AND EXISTS (SELECT 1 FROM pins v WHERE v.id = l.in_flight_pin
        AND v.state = $PIN_VERIFYING) THEN $WAIT_VERIFYING
    WHEN EXISTS (SELECT 1 FROM pins v WHERE v.lane_id = p.lane_id AND v.state = $PIN_VERIFYING
      AND v.text_hash = p.text_hash) THEN $WAIT_SAME_TEXT
    WHEN l.next_at > UTC_TIMESTAMP(6) THEN l.next_code
    ELSE $WAIT_NONE
  END AS wait_code,
  CASE
    WHEN p.state <> $PIN_WAITING THEN NULL
    WHEN k.hold_until > UTC_TIMESTAMP(6) THEN k.hold_until
    WHEN l.hold_until > UTC_TIMESTAMP(6) THEN l.hold_until
    WHEN p.due_at > UTC_TIMESTAMP(6) THEN p.due_at
    WHEN l.next_at > UTC_TIMESTAMP(6) THEN l.next_at
    ELSE NULL
  END AS wait_until
FROM pins p
JOIN lanes l ON l.id = p.lane_id
JOIN pinterest_accounts a ON a.id = p.account_id
JOIN projects j ON j.id = p.project_id
LEFT JOIN apps k ON k.environment = l.environment
  AND k.project_id = IF(l.environment = 0, x'00000000000000000000000000000000', p.project_id);
