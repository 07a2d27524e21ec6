-- Settings, clock, number of armed faults and, for the hash of an access token, its user (0 when it is not valid) and
-- whose it is or was: one round trip.
SELECT UTC_TIMESTAMP(6) AS now, s.doc, (SELECT COUNT(*) FROM sandbox_armed_faults WHERE remaining > 0) AS armed_faults,
  IF(t.expires_at > UTC_TIMESTAMP(6) AND t.revoked_at IS NULL, t.user_id, 0) AS user_id, t.user_id AS holder, t.scope,
  u.username
FROM sandbox_settings s
LEFT JOIN sandbox_tokens t ON t.hash = :hash AND t.kind = 0
LEFT JOIN sandbox_users u ON u.id = t.user_id
WHERE s.id = 1
