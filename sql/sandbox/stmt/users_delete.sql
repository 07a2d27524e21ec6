-- Deletes a user.
DELETE FROM sandbox_users WHERE id = :id
