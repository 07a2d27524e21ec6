-- Pins a user created since `window`, those with this link host since `host_window`, and spam blocks since `hold`.
SELECT IFNULL(SUM(pin_id IS NOT NULL AND arrived_at > :window), 0) AS pins,
  IFNULL(SUM(pin_id IS NOT NULL AND arrived_at > :host_window AND link_host = :host), 0) AS on_host,
  IFNULL(SUM(fault = 'spam_block' AND arrived_at > :hold), 0) AS blocks
FROM sandbox_creates WHERE user_id = :user AND arrived_at > LEAST(:window, :host_window, :hold)
