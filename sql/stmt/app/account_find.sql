-- A project's account of a Pinterest user, revoked ones too.
SELECT id FROM pinterest_accounts WHERE project_id = :project AND pinterest_user_id = :user
