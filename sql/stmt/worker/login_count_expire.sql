-- Deletes counts of failed logins not touched for :days.
DELETE FROM login_counts WHERE at < UTC_TIMESTAMP(6) - INTERVAL :days DAY LIMIT :limit
