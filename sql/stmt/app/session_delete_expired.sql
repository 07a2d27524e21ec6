-- Forgets a person's sessions that have expired.
DELETE FROM sessions WHERE user_id = :user AND expires_at <= UTC_TIMESTAMP(6)
