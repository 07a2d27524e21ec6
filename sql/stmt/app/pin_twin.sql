-- The newest pin of an account with the same text on the same board that is or will be on Pinterest.
SELECT id, state = $PIN_PUBLISHED AS is_published, COALESCE(image_url = :image, 0) AS same_image
FROM pins
WHERE project_id = :project AND account_id = :account AND text_hash = :text_hash
  AND board_id = :board AND state IN ($PIN_WAITING, $PIN_SENDING, $PIN_VERIFYING, $PIN_PUBLISHED)
  AND id <> :except AND deleted_at IS NULL AND removed_at IS NULL
ORDER BY created_at DESC LIMIT 1
