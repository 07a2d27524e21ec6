-- Changes what is not NULL; clear = 1 empties the description.
-- users: sandbox
-- params: user, id, name, description, clear, privacy
UPDATE sandbox_boards SET name = IFNULL(:name, name),
  description = IF(:clear, NULL, IFNULL(:description, description)),
  privacy = IFNULL(:privacy, privacy)
WHERE id = :id AND user_id = :user
