-- Deletes mails that were over :days ago.
DELETE FROM mails WHERE expires_at < UTC_TIMESTAMP(6) - INTERVAL :days DAY LIMIT :limit
