-- Lets the others go on, who find the answer cached.
SELECT COALESCE(RELEASE_LOCK(:name), 0) AS freed
