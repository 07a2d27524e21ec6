-- One more invitation today. The columns are set from left to right.
UPDATE organizations SET invited = IF(invited_on = UTC_DATE(), invited + 1, 1),
  invited_on = UTC_DATE()
WHERE id = :organization
