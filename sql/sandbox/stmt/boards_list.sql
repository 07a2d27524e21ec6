-- A user's boards as Pinterest shows them, or, with an id, one of them. `privacy` NULL: all; else one of two values.
SELECT b.id, JSON_OBJECT('id', CAST(b.id AS CHAR), 'name', b.name, 'description', b.description, 'privacy', b.privacy,
  'owner', JSON_OBJECT('username', u.username),
  'pin_count', (SELECT COUNT(*) FROM sandbox_pins p WHERE p.board_id = b.id AND p.deleted_at IS NULL),
  'follower_count', 0, 'collaborator_count', 0, 'created_at', DATE_FORMAT(b.created_at, '%Y-%m-%dT%H:%i:%s'),
  'board_pins_modified_at', DATE_FORMAT(
    IFNULL((SELECT MAX(p.changed_at) FROM sandbox_pins p WHERE p.board_id = b.id), b.created_at), '%Y-%m-%dT%H:%i:%s'),
  'is_ads_only', FALSE, 'media', JSON_OBJECT('image_cover_url', NULL, 'pin_thumbnail_urls', JSON_ARRAY())) AS board
FROM sandbox_boards b JOIN sandbox_users u ON u.id = b.user_id
WHERE b.user_id = :user AND b.id > :after AND (:id IS NULL OR b.id = :id)
  AND (:secret OR b.privacy <> 'SECRET')
  AND (:privacy IS NULL OR b.privacy = :privacy OR b.privacy = :other)
ORDER BY b.id LIMIT :limit
