-- How often members of an organization have invited somebody today (UTC).
SELECT LEAST(IF(invited_on = UTC_DATE(), invited, 0), :most) AS used FROM organizations
WHERE id = :owner
