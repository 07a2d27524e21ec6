-- Ends all sessions of a user but one.
DELETE FROM sessions WHERE user_id = :user AND id <> :id
