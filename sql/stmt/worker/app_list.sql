-- Both apps: stopped and why, held, when one create may test whether the stop has ended, and whether
-- the last such test failed or succeeded.
SELECT environment, stopped_at, stop_code, hold_until, probe_at, probes_failed, resumed_at FROM apps
