-- Schedules of a project, filtered; found as in pin_list.
-- orders: run_at_desc = s.run_at DESC, s.id DESC | run_at_asc = s.run_at, s.id | created_at_desc = s.created_at DESC, s.id DESC | created_at_asc = s.created_at, s.id | title_asc = s.title, s.id | title_desc = s.title DESC, s.id DESC | status_asc = s.state, s.id | status_desc = s.state DESC, s.id DESC
SELECT {schedule_view}, w.wait_code, w.wait_until
FROM (
  SELECT s.id FROM schedules s
  LEFT JOIN pins p ON p.id = s.pin_id AND p.deleted_at IS NULL
  WHERE {schedule_filter}
  ORDER BY /*ORDER*/
  LIMIT :limit OFFSET :offset
) page
STRAIGHT_JOIN schedules s ON s.id = page.id
LEFT JOIN pins p ON p.id = s.pin_id AND p.deleted_at IS NULL
LEFT JOIN waiting w ON w.pin_id = p.id
LEFT JOIN assets m ON m.id = s.asset_id
ORDER BY /*ORDER*/
