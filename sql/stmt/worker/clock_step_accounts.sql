-- After a backward clock step: no refresh has begun later than now.
UPDATE pinterest_accounts SET refresh_started_at = UTC_TIMESTAMP(6)
WHERE refresh_started_at > UTC_TIMESTAMP(6)
