-- What is counted about a caller.
SELECT kind, name, value, at
FROM login_counts
WHERE (kind = :network_kind AND slot = :network) OR (kind = :address_kind AND slot = :address)
  OR (kind IN (:pair_kind, :turn_kind) AND slot = :pair)
