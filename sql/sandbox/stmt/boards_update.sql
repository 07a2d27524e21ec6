-- Changes the fields that are not NULL; clear = 1 removes the description.
-- users: sandbox
-- params: user, id, name, description, clear, privacy
UPDATE sandbox_boards SET name = IFNULL(:name, name),
  description = IF(:clear, NULL, IFNULL(:description, description)),
  privacy = IFNULL(:privacy, privacy)
WHERE id = :id AND user_id = :user
