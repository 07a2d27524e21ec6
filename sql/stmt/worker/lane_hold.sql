-- Pinterest asked this lane to wait. A longer hold is kept; spam blocks within a week are counted.
UPDATE lanes SET
  hold_code = IF(hold_until IS NULL OR hold_until < :until, :code, hold_code),
  hold_until = GREATEST(COALESCE(hold_until, :until), :until),
  spam_strikes = IF(:strike = 1,
    IF(spam_at > UTC_TIMESTAMP(6) - INTERVAL 7 DAY, LEAST(spam_strikes + 1, 250), 1), spam_strikes),
  spam_at = IF(:strike = 1, UTC_TIMESTAMP(6), spam_at)
WHERE id = :id
