-- What a create on this board meets.
-- users: sandbox
-- params: user, id
SELECT scenario, triggered_at FROM sandbox_boards WHERE id = :id AND user_id = :user
