-- The pin of a project that is this one on Pinterest.
SELECT p.id, p.title, p.link_url, p.image_url, p.published_at FROM pins p
WHERE p.lane_id = :lane AND p.pinterest_pin_id = :pinterest AND p.project_id = :project
  AND p.account_id = :account AND p.deleted_at IS NULL
