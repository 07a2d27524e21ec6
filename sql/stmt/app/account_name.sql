-- The Pinterest user of a project's account, even if revoked.
SELECT pinterest_user_id, username FROM pinterest_accounts WHERE project_id = :project AND id = :id
