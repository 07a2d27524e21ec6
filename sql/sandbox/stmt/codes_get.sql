-- Who gave what with this code.
-- users: sandbox
-- params: hash
SELECT user_id, scope FROM sandbox_codes WHERE hash = :hash
