-- Every user as JSON, newest first.
SELECT JSON_OBJECT('id', CAST(id AS CHAR), 'sandbox_user', name_key, 'username', username,
  'created_at', DATE_FORMAT(created_at, '%Y-%m-%dT%H:%i:%s.%fZ')) AS item
FROM sandbox_users ORDER BY id DESC LIMIT :limit
