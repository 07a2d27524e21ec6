-- Ends a session.
DELETE FROM sessions WHERE id = :id
