-- The clock went back: a refresh that began later than now began now at the latest.
UPDATE pinterest_accounts SET refresh_started_at = UTC_TIMESTAMP(6)
WHERE refresh_started_at > UTC_TIMESTAMP(6)
