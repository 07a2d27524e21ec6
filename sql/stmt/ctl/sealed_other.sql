-- What other keys than this one have sealed, in order, from behind the last one on.
SELECT id, label, sealed
FROM (
  SELECT id, 'pinterest_accounts.access' AS label, access_sealed AS sealed
  FROM pinterest_accounts WHERE access_sealed IS NOT NULL
  UNION ALL
  SELECT id, 'pinterest_accounts.refresh', refresh_sealed
  FROM pinterest_accounts WHERE refresh_sealed IS NOT NULL
  UNION ALL
  SELECT id, 'webhooks.secret', secret_sealed
  FROM webhooks WHERE deleted_at IS NULL AND secret_sealed <> ''
  UNION ALL
  SELECT id, 'mails.text', text_sealed
  FROM mails WHERE text_sealed IS NOT NULL
) s
WHERE CONV(HEX(SUBSTR(sealed, 2, 4)), 16, 10) <> :key
  AND (label > :label OR (label = :label AND id > :id))
ORDER BY label, id
LIMIT 500
