-- Revokes a key.
UPDATE api_keys SET revoked_at = UTC_TIMESTAMP(6) WHERE id = :id AND revoked_at IS NULL
