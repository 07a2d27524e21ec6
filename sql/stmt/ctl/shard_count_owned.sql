-- Shards that a recover holds which did not come to its end.
SELECT COUNT(*) AS owned FROM shards WHERE owner = :owner
