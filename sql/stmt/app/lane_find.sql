-- The lane of a Pinterest user.
SELECT id FROM lanes WHERE environment = :environment AND pinterest_user_id = :user
