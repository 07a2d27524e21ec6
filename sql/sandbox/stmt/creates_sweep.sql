-- Drops rows of the ledger after so many days.
DELETE FROM sandbox_creates WHERE arrived_at < UTC_TIMESTAMP(6) - INTERVAL :days DAY LIMIT 1000
