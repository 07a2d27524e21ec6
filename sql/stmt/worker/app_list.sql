-- Both apps: stopped, held, and when one create may try again.
SELECT environment, stopped_at, held_until, probe_at FROM apps
