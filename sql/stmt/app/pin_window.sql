-- The last row that a search in pin_list looks at, and whether there is one after it.
-- orders: created_at_desc = p.created_at DESC, p.id DESC | created_at_asc = p.created_at, p.id | published_at_desc = p.published_at DESC, p.id DESC | published_at_asc = p.published_at, p.id | title_asc = p.title, p.id | title_desc = p.title DESC, p.id DESC | status_asc = p.state, p.created_at, p.id | status_desc = p.state DESC, p.created_at DESC, p.id DESC
-- after: p.created_at <= :key AND (p.created_at < :key OR p.id < :after) | p.created_at >= :key AND (p.created_at > :key OR p.id > :after) | ((:key IS NULL AND p.published_at IS NULL AND p.id < :after) OR (:key IS NOT NULL AND (p.published_at < :key OR (p.published_at = :key AND p.id < :after) OR p.published_at IS NULL))) | ((:key IS NULL AND ((p.published_at IS NULL AND p.id > :after) OR p.published_at IS NOT NULL)) OR (:key IS NOT NULL AND p.published_at >= :key AND (p.published_at > :key OR p.id > :after))) | p.title >= :key AND (p.title > :key OR p.id > :after) | p.title <= :key AND (p.title < :key OR p.id < :after) | p.state >= :key AND (p.state > :key OR p.created_at > :key_time OR (p.created_at = :key_time AND p.id > :after)) | p.state <= :key AND (p.state < :key OR p.created_at < :key_time OR (p.created_at = :key_time AND p.id < :after))
-- indexes: created_at_desc created_at_asc = account of_account | board by_board | campaign by_campaign | external by_external | state by_state | error by_error
SELECT p.id, p.title, p.state, p.state AS own_state, p.created_at, p.run_at,
  p.published_at
FROM pins p /*INDEX*/
WHERE {pin_filter} AND (:after IS NULL OR (/*AFTER*/))
ORDER BY /*ORDER*/
LIMIT 2 OFFSET :window
