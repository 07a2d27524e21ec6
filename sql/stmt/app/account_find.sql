-- A project's account of a Pinterest user, even if revoked.
SELECT id FROM pinterest_accounts WHERE project_id = :project AND pinterest_user_id = :user
