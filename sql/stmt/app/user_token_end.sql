-- Ends what a person's tokens of a purpose are good for.
UPDATE user_tokens SET used_at = UTC_TIMESTAMP(6)
WHERE user_id = :user AND purpose = :purpose AND used_at IS NULL
