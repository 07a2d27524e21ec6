-- What a link that was taken has connected; NULL: nothing, so that it is good again.
UPDATE connect_links SET used_at = IF(:account IS NULL, NULL, used_at),
  connected_account_id = :account
WHERE id = :id AND project_id = :project
