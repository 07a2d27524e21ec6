-- Where why_facts come from, for a lane and an account of `x`.
JOIN projects j ON j.id = x.project_id
JOIN pinterest_accounts a ON a.id = x.account_id
JOIN lanes l ON l.id = x.lane_id
JOIN shards h ON h.shard = l.shard
LEFT JOIN apps k ON k.environment = l.environment
  AND k.project_id = IF(l.environment = 0, x'00000000000000000000000000000000', x.project_id)
