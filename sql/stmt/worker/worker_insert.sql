-- A worker starts. Others with the same locked host id are dead: worker_stop_host runs before.
INSERT INTO workers (id, host_id, pid, resident, version, started_at, seen_at)
VALUES (:id, :host, :pid, :resident, :version, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))
