-- Deletes a user's expired sessions.
DELETE FROM sessions WHERE user_id = :user AND expires_at <= UTC_TIMESTAMP(6)
