-- Records that the cached list of an account's boards is complete as of now.
UPDATE pinterest_accounts SET boards_at = :now WHERE project_id = :project AND id = :id
