-- The intent: written before the request is sent.
INSERT INTO attempts (pin_id, number, project_id, lane_id, worker_id, account_id, opened_at,
  snapshot)
VALUES (:pin, :number, :project, :lane, :worker, :account, :opened, :snapshot)
