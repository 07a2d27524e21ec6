-- Was the first key noted before the second, or is the second not noted at all?
SELECT COALESCE(a.created_at < b.created_at, 1) AS newer
FROM (SELECT 1) one
LEFT JOIN instance_keys a ON a.key_id = :first
LEFT JOIN instance_keys b ON b.key_id = :last
