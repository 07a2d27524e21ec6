-- A lane for a Pinterest user seen for the first time.
INSERT INTO lanes (id, environment, pinterest_user_id, shard, created_at)
VALUES (:id, :environment, :user, :shard, UTC_TIMESTAMP(6))
