-- Pinterest refused links to this host: its pins wait (epoch microseconds).
UPDATE lanes SET blocked_hosts =
  JSON_SET(COALESCE(blocked_hosts, '{}'), CONCAT('$."', :host, '"'), :until)
WHERE id = :id
