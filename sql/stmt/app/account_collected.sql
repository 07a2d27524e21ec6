-- How long until an account's figures may be read anew again.
SELECT GREATEST(1, :seconds - TIMESTAMPDIFF(SECOND, COALESCE(collected_at, UTC_TIMESTAMP(6)), UTC_TIMESTAMP(6))) AS wait_s
FROM pinterest_accounts WHERE id = :id AND project_id = :project AND revoked_at IS NULL
