-- One pin as shown to clients. Why it waits is a separate query (pin_wait_reason), since the view's
-- six tables cost more than all the rest.
SELECT {pin_view}, $WAIT_NONE AS wait_code, NULL AS wait_until
FROM pins p
LEFT JOIN assets m ON m.id = p.asset_id
WHERE p.id = :id AND p.project_id = :project AND p.deleted_at IS NULL
