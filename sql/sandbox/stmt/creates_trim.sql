-- Drops a user's rows of the ledger up to this time.
DELETE FROM sandbox_creates WHERE user_id = :user AND arrived_at <= :at LIMIT 1000
