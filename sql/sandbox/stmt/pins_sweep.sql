-- Drops pins after so many days.
DELETE FROM sandbox_pins WHERE inserted_at < UTC_TIMESTAMP(6) - INTERVAL :days DAY LIMIT 1000
