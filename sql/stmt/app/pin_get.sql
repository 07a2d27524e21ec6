-- One pin as it is shown. Why it waits is asked for apart, when it does (pin_wait_reason): the look at the
-- view's six tables costs more than all the rest.
SELECT {pin_view}, $WAIT_NONE AS wait_code, NULL AS wait_until
FROM pins p
LEFT JOIN assets m ON m.id = p.asset_id
WHERE p.id = :id AND p.project_id = :project AND p.deleted_at IS NULL
