-- Every sealed token, webhook secret and mail, with what it was sealed for (lib/keyring.h).
SELECT id, 'pinterest_accounts.access' AS label, access_sealed AS sealed
FROM pinterest_accounts WHERE access_sealed IS NOT NULL
UNION ALL
SELECT id, 'pinterest_accounts.refresh', refresh_sealed
FROM pinterest_accounts WHERE refresh_sealed IS NOT NULL
UNION ALL
SELECT id, 'webhooks.secret', secret_sealed
FROM webhooks WHERE deleted_at IS NULL AND secret_sealed <> ''
UNION ALL
SELECT id, 'mails.text', text_sealed FROM mails WHERE text_sealed IS NOT NULL
