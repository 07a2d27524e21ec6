-- How many members membership_list_team has on all its pages.
SELECT COUNT(*) AS total
FROM memberships
WHERE organization_id = :organization AND (:all OR user_id = :user OR role = 'owner')
