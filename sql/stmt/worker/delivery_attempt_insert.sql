-- One attempt and its result.
INSERT INTO delivery_attempts (delivery_id, number, project_id, started_at, duration_ms, remote_ip,
  http_status, class, excerpt)
SELECT id, :number, project_id, :started, :duration, :ip, :status, :class, :excerpt
FROM deliveries WHERE id = :id
