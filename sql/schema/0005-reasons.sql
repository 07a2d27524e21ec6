-- Two reasons that were not told: the access token expired and there is no new one yet, and a pin of
-- the same text on the same board is being verified.

-- Why a pin waits: computed at read, one definition for every list, filter and status.
-- The order of the WHENs is the order of what the owner must act on first. Codes: enum wait_code.
CREATE OR REPLACE VIEW waiting AS
SELECT p.id AS pin_id, p.project_id,
  CASE
    WHEN p.state <> 1 THEN 0
    WHEN j.paused_at IS NOT NULL THEN 7
    WHEN a.paused_at IS NOT NULL THEN 6
    WHEN a.revoked_at IS NOT NULL OR a.health <> 0 THEN 8
    WHEN a.refresh_sealed IS NULL AND a.access_expires_at <= UTC_TIMESTAMP(6) THEN 8
    WHEN k.stopped_at IS NOT NULL THEN 9
    WHEN k.held_until > UTC_TIMESTAMP(6) THEN 3
    WHEN l.held_until > UTC_TIMESTAMP(6) THEN l.hold_code
    WHEN p.error_code IS NOT NULL AND p.due_at > UTC_TIMESTAMP(6) THEN 10
    WHEN a.access_expires_at <= UTC_TIMESTAMP(6) THEN 14
    WHEN l.busy_until > UTC_TIMESTAMP(6) AND l.in_flight_pin <> p.id
      AND EXISTS (SELECT 1 FROM pins v WHERE v.id = l.in_flight_pin AND v.state = 3) THEN 11
    WHEN EXISTS (SELECT 1 FROM pins v WHERE v.lane_id = p.lane_id AND v.state = 3
      AND v.text_hash = p.text_hash) THEN 13
    WHEN l.next_at > UTC_TIMESTAMP(6) THEN l.next_code
    ELSE 0
  END AS wait_code,
  CASE
    WHEN p.state <> 1 THEN NULL
    WHEN k.held_until > UTC_TIMESTAMP(6) THEN k.held_until
    WHEN l.held_until > UTC_TIMESTAMP(6) THEN l.held_until
    WHEN p.due_at > UTC_TIMESTAMP(6) THEN p.due_at
    WHEN l.next_at > UTC_TIMESTAMP(6) THEN l.next_at
    ELSE NULL
  END AS wait_until
FROM pins p
JOIN lanes l ON l.id = p.lane_id
JOIN pinterest_accounts a ON a.id = p.account_id
JOIN projects j ON j.id = p.project_id
JOIN apps k ON k.environment = l.environment;
