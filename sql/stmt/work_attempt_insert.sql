-- The intent: written before anything leaves.
-- users: worker
-- params: pin, n, project, lane, worker, account, opened, snapshot
INSERT INTO attempts (pin_id, n, project_id, lane_id, worker_id, account_id, opened_at, snapshot)
VALUES (:pin, :n, :project, :lane, :worker, :account, :opened, :snapshot)
