-- The planned schedules of an account with the names of their boards, the next first.
SELECT s.id, s.title, s.description, s.link_url, s.image_url, s.related_terms, s.run_at,
  b.name AS board
FROM schedules s
LEFT JOIN boards b ON b.account_id = s.account_id AND b.board_id = s.board_id
WHERE s.project_id = :project AND s.account_id = :account AND s.state = $PIN_PLANNED
  AND s.deleted_at IS NULL
  AND (:since IS NULL OR s.run_at >= :since)
  AND (:until IS NULL OR s.run_at < :until)
  AND (:campaign IS NULL OR s.campaign = :campaign)
ORDER BY s.run_at, s.id LIMIT :most
