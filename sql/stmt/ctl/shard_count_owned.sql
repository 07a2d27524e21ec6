-- Shards held by a recover that did not finish.
SELECT COUNT(*) AS owned FROM shards WHERE owner = :owner
