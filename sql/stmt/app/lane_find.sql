-- The lane of a Pinterest user.
-- params: environment, user
SELECT id FROM lanes WHERE environment = :environment AND pinterest_user_id = :user
