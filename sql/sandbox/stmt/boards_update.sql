-- Changes the fields that are not NULL; clear = 1 removes the description.
UPDATE sandbox_boards SET name = IFNULL(:name, name),
  description = IF(:clear, NULL, IFNULL(:description, description)),
  privacy = IFNULL(:privacy, privacy)
WHERE id = :id AND user_id = :user
