-- Both apps: stopped, held, and when one create may test whether the stop has ended.
SELECT environment, stopped_at, hold_until, probe_at FROM apps
