-- Where an event is in the order of event_list.
SELECT created_at, account_id FROM events WHERE id = :id AND project_id = :project
