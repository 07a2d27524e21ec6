-- The user connects or renews a token: it is kept.
UPDATE sandbox_users SET used_at = UTC_TIMESTAMP(6) WHERE id = :id
