-- Ends all sessions of a user.
-- users: app ctl
DELETE FROM sessions WHERE user_id = :user
