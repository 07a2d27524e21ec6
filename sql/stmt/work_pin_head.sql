-- The first waiting pin of an account, due or not. One whose twin (same text, same board) is being
-- verified stands aside.
-- users: worker
-- params: project, account
SELECT p.id, p.version, p.due_at, p.schedule_id, p.attempts, p.tries, p.no_outcome, p.must_look,
  p.error_code, p.board_id, p.title, p.description, p.link_url, p.alt_text, p.dominant_color,
  p.image_url
FROM pins p
WHERE p.account_id = :account AND p.project_id = :project AND p.state = 1
  AND p.due_at IS NOT NULL AND p.deadline_at > UTC_TIMESTAMP(6) AND p.deleted_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM pins v WHERE v.lane_id = p.lane_id AND v.state = 3
    AND v.text_hash = p.text_hash)
ORDER BY p.due_at, p.id LIMIT 1
