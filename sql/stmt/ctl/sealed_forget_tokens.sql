-- Wipes the tokens that none of these keys opens; the owners have to connect the accounts again.
UPDATE pinterest_accounts SET access_sealed = NULL, refresh_sealed = NULL,
  token_version = token_version + 1, refresh_at = NULL, refresh_started_at = NULL, health = 1,
  health_code = 'token_revoked',
  health_message = 'The operator lost the key that this account was sealed with.',
  health_checked_at = UTC_TIMESTAMP(6), updated_at = UTC_TIMESTAMP(6)
WHERE NOT FIND_IN_SET(
    COALESCE(CONV(HEX(SUBSTR(access_sealed, 2, 4)), 16, 10), SUBSTRING_INDEX(:kept, ',', 1)), :kept)
  OR NOT FIND_IN_SET(
    COALESCE(CONV(HEX(SUBSTR(refresh_sealed, 2, 4)), 16, 10), SUBSTRING_INDEX(:kept, ',', 1)), :kept)
