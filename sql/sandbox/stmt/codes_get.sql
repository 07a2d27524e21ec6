-- User and scope of an authorization code.
-- users: sandbox
-- params: hash
SELECT user_id, scope FROM sandbox_codes WHERE hash = :hash
