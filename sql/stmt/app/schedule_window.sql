-- The last row that a search in schedule_list looks at, and whether there is one after it.
-- orders: run_at_desc = s.run_at DESC, s.id DESC | run_at_asc = s.run_at, s.id | created_at_desc = s.created_at DESC, s.id DESC | created_at_asc = s.created_at, s.id | title_asc = s.title, s.id | title_desc = s.title DESC, s.id DESC | status_asc = s.state, s.run_at, s.id | status_desc = s.state DESC, s.run_at DESC, s.id DESC
-- after: s.run_at <= :key AND (s.run_at < :key OR s.id < :after) | s.run_at >= :key AND (s.run_at > :key OR s.id > :after) | s.created_at <= :key AND (s.created_at < :key OR s.id < :after) | s.created_at >= :key AND (s.created_at > :key OR s.id > :after) | s.title >= :key AND (s.title > :key OR s.id > :after) | s.title <= :key AND (s.title < :key OR s.id < :after) | s.state >= :key AND (s.state > :key OR s.run_at > :key_time OR (s.run_at = :key_time AND s.id > :after)) | s.state <= :key AND (s.state < :key OR s.run_at < :key_time OR (s.run_at = :key_time AND s.id < :after))
-- indexes: run_at_desc run_at_asc = account of_account | board by_board | campaign by_campaign | external by_external | state by_state
SELECT s.id, s.title, s.state, s.state AS own_state, s.created_at, s.run_at,
  NULL AS published_at
FROM schedules s /*INDEX*/
WHERE {schedule_filter} AND (:after IS NULL OR (/*AFTER*/))
ORDER BY /*ORDER*/
LIMIT 2 OFFSET :window
