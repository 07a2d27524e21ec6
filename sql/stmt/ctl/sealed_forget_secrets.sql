-- Disables the webhooks whose secrets none of these keys opens, until a secret is set again.
UPDATE webhooks SET secret_sealed = '', is_enabled = 0, disabled_at = UTC_TIMESTAMP(6),
  disabled_reason = 'secret_lost', updated_at = UTC_TIMESTAMP(6)
WHERE deleted_at IS NULL AND secret_sealed <> ''
  AND NOT FIND_IN_SET(CONV(HEX(SUBSTR(secret_sealed, 2, 4)), 16, 10), :kept)
