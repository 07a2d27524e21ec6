-- Every user, newest first.
SELECT id, name_key, username, created_at FROM sandbox_users ORDER BY id DESC LIMIT :limit
