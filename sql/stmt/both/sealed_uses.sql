-- How many tokens and webhook secrets each key has sealed. The number of the key is in their bytes
-- 2 to 5 (lib/keyring.h).
-- users: app worker ctl
SELECT u.key_id, CAST(COUNT(*) AS SIGNED) AS uses
FROM (
  SELECT CAST(CONV(HEX(SUBSTR(access_sealed, 2, 4)), 16, 10) AS UNSIGNED) AS key_id
  FROM pinterest_accounts WHERE access_sealed IS NOT NULL
  UNION ALL
  SELECT CAST(CONV(HEX(SUBSTR(refresh_sealed, 2, 4)), 16, 10) AS UNSIGNED)
  FROM pinterest_accounts WHERE refresh_sealed IS NOT NULL
  UNION ALL
  SELECT CAST(CONV(HEX(SUBSTR(secret_sealed, 2, 4)), 16, 10) AS UNSIGNED)
  FROM webhooks WHERE deleted_at IS NULL AND secret_sealed <> ''
) u
GROUP BY u.key_id
ORDER BY uses DESC
