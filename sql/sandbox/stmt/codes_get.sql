-- User and scope of an authorization code.
SELECT user_id, scope FROM sandbox_codes WHERE hash = :hash
