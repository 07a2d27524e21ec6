-- Schedules of a project, filtered; found as in pin_list.
-- orders: run_at_desc = s.run_at DESC, s.id DESC | run_at_asc = s.run_at, s.id | created_at_desc = s.created_at DESC, s.id DESC | created_at_asc = s.created_at, s.id | title_asc = s.title, s.id | title_desc = s.title DESC, s.id DESC | status_asc = s.state, s.run_at, s.id | status_desc = s.state DESC, s.run_at DESC, s.id DESC
-- after: s.run_at <= :key AND (s.run_at < :key OR s.id < :after) | s.run_at >= :key AND (s.run_at > :key OR s.id > :after) | s.created_at <= :key AND (s.created_at < :key OR s.id < :after) | s.created_at >= :key AND (s.created_at > :key OR s.id > :after) | s.title >= :key AND (s.title > :key OR s.id > :after) | s.title <= :key AND (s.title < :key OR s.id < :after) | s.state >= :key AND (s.state > :key OR s.run_at > :key_time OR (s.run_at = :key_time AND s.id > :after)) | s.state <= :key AND (s.state < :key OR s.run_at < :key_time OR (s.run_at = :key_time AND s.id < :after))
-- indexes: run_at_desc run_at_asc = account of_account | board by_board | campaign by_campaign | external by_external | state by_state
SELECT {schedule_view}, w.wait_code, w.wait_until
FROM (
  SELECT s.id FROM (
  -- alike: the tables and their columns differ
    SELECT s.id FROM schedules s /*INDEX*/
    WHERE {schedule_filter} AND (:after IS NULL OR (/*AFTER*/))
    ORDER BY /*ORDER*/
    LIMIT :window
  ) seen
  STRAIGHT_JOIN schedules s ON s.id = seen.id
  LEFT JOIN waiting w ON :deferred IS NOT NULL AND w.pin_id = s.pin_id
  WHERE {schedule_search}
  ORDER BY /*ORDER*/
  LIMIT :limit OFFSET :offset
) page
STRAIGHT_JOIN schedules s ON s.id = page.id
LEFT JOIN pins p ON p.id = s.pin_id AND p.deleted_at IS NULL
LEFT JOIN waiting w ON w.pin_id = p.id
LEFT JOIN assets m ON m.id = s.asset_id
ORDER BY /*ORDER*/
