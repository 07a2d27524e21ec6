-- Pins of a project, filtered. The page is found first, along an index; only its rows, and filters
-- that ask for it, look at why a pin waits.
-- orders: created_at_desc = p.created_at DESC, p.id DESC | created_at_asc = p.created_at, p.id | published_at_desc = p.published_at DESC, p.id DESC | published_at_asc = p.published_at, p.id | title_asc = p.title, p.id | title_desc = p.title DESC, p.id DESC | status_asc = p.state, p.id | status_desc = p.state DESC, p.id DESC
SELECT {pin_view}, w.wait_code, w.wait_until
FROM (
  SELECT p.id FROM pins p
  WHERE {pin_filter}
  ORDER BY /*ORDER*/
  LIMIT :limit OFFSET :offset
) page
STRAIGHT_JOIN pins p ON p.id = page.id
LEFT JOIN waiting w ON w.pin_id = p.id
LEFT JOIN assets m ON m.id = p.asset_id
ORDER BY /*ORDER*/
