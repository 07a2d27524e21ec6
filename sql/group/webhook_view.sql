-- What is shown of a webhook. C: struct webhook (app/api/webhooks.c).
url text
events int
account_ids text
is_enabled int
old_secret_until time
disabled_at time
disabled_reason text
paused_until time
failing_since time
last_attempt_at time
last_success_at time
last_status int
last_error text
created_at time
updated_at time
