-- These pins, as pin_get shows each.
SELECT {pin_view}, w.wait_code, w.wait_until
FROM pins p
LEFT JOIN waiting w ON p.state = $PIN_WAITING AND w.pin_id = p.id
LEFT JOIN assets m ON m.id = p.asset_id
WHERE p.id IN (:ids[64]) AND p.project_id = :project AND p.deleted_at IS NULL
