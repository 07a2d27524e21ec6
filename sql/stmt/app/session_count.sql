-- How many sessions a person has.
SELECT LEAST(COUNT(*), :most) AS used FROM sessions
WHERE user_id = :owner AND expires_at > UTC_TIMESTAMP(6)
