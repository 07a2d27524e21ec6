-- How many members an organization has.
SELECT LEAST(COUNT(*), :most) AS used FROM memberships WHERE organization_id = :owner
