/* What this program answers: every route, sorted by pattern and then method. */
#include "app/api/handlers.h"
#include "app/http/call.h"
#include "app/http/route.h"

#define SCOPE_N 0u
#define SCOPE_R SCOPE_READ
#define SCOPE_W SCOPE_WRITE
#define SCOPE_D SCOPE_DESTRUCTIVE
#define ROUTE(method, pattern, access, scope, permission, body, size, handler)                     \
	{                                                                                          \
#method, pattern, AUTH_##access, SCOPE_##scope, PERM_##permission, BODY_##body,    \
		    SIZE_##size, handler                                                           \
	}

/* clang-format off */
const struct route routes[] = {
	ROUTE(GET, "/", PUBLIC, N, NONE, NONE, SMALL, system_root),
	ROUTE(GET, "/healthz", PUBLIC, N, NONE, NONE, SMALL, system_healthz),
	ROUTE(GET, "/readyz", PUBLIC, N, NONE, NONE, SMALL, system_readyz),
	ROUTE(GET, "/v1/api-keys", SESSION, R, API_KEYS, NONE, SMALL, api_keys_list),
	ROUTE(POST, "/v1/api-keys", SESSION, W, API_KEYS, JSON, SMALL, api_keys_create),
	ROUTE(DELETE, "/v1/api-keys/{}", SESSION, D, API_KEYS, NONE, SMALL, api_keys_delete),
	ROUTE(PATCH, "/v1/api-keys/{}", SESSION, W, API_KEYS, JSON, SMALL, api_keys_patch),
	ROUTE(POST, "/v1/auth/login", PUBLIC, N, NONE, JSON, SMALL, login_login),
	ROUTE(GET, "/v1/auth/me", ANY, R, NONE, NONE, SMALL, login_me),
	ROUTE(POST, "/v1/auth/register", PUBLIC, N, NONE, JSON, SMALL, login_register),
	ROUTE(GET, "/v1/jobs/{}", INSIDE, N, NONE, NONE, SMALL, jobs_get),
	ROUTE(GET, "/v1/pins", ANY, R, NONE, NONE, SMALL, pins_list),
	ROUTE(POST, "/v1/pins", ANY, W, PUBLISH, JSON, SMALL, pins_create),
	ROUTE(POST, "/v1/pins/bulk-delete", ANY, D, DELETE_CONTENT, JSON, SMALL, bulk_pins_delete),
	ROUTE(POST, "/v1/pins/bulk-retry", ANY, W, PUBLISH, JSON, SMALL, bulk_pins_retry),
	ROUTE(GET, "/v1/pins/imports", ANY, R, NONE, NONE, SMALL, imports_list),
	ROUTE(POST, "/v1/pins/imports/csv", ANY, W, PUBLISH, MULTIPART, IMPORT, imports_csv),
	ROUTE(POST, "/v1/pins/imports/json", ANY, W, PUBLISH, ROWS, IMPORT, imports_json),
	ROUTE(GET, "/v1/pins/imports/{}", ANY, R, NONE, NONE, SMALL, imports_get),
	ROUTE(POST, "/v1/pins/validate", ANY, R, NONE, JSON, SMALL, pins_validate),
	ROUTE(DELETE, "/v1/pins/{}", ANY, D, DELETE_CONTENT, NONE, SMALL, pins_delete),
	ROUTE(GET, "/v1/pins/{}", ANY, R, NONE, NONE, SMALL, pins_get),
	ROUTE(PATCH, "/v1/pins/{}", ANY, W, PUBLISH, JSON, SMALL, pins_patch),
	ROUTE(POST, "/v1/pins/{}/retry", ANY, W, PUBLISH, MAYBE, SMALL, pins_retry),
	ROUTE(POST, "/v1/pins/{}/settle", ANY, W, PUBLISH, JSON, SMALL, pins_settle),
	ROUTE(GET, "/v1/pinterest/accounts", ANY, R, NONE, NONE, SMALL, accounts_list),
	ROUTE(DELETE, "/v1/pinterest/accounts/{}", ANY, D, CONNECT, NONE, SMALL, accounts_revoke),
	ROUTE(POST, "/v1/pinterest/accounts/{}/pause", SESSION, W, CONNECT, MAYBE, SMALL,
	    pause_account),
	ROUTE(POST, "/v1/pinterest/accounts/{}/resume", SESSION, W, CONNECT, MAYBE, SMALL,
	    pause_account_end),
	ROUTE(GET, "/v1/pinterest/boards", ANY, R, NONE, NONE, SMALL, boards_list),
	ROUTE(POST, "/v1/pinterest/boards", ANY, W, PUBLISH, JSON, SMALL, boards_create),
	ROUTE(GET, "/v1/pinterest/boards/{}/access", ANY, R, NONE, NONE, SMALL, boards_access),
	ROUTE(GET, "/v1/pinterest/oauth/callback", PUBLIC, N, NONE, NONE, SMALL, oauth_callback),
	ROUTE(GET, "/v1/pinterest/oauth/start", ANY, W, CONNECT, NONE, SMALL, oauth_start),
	ROUTE(GET, "/v1/projects", SESSION, R, NONE, NONE, SMALL, projects_list),
	ROUTE(POST, "/v1/projects/sandbox", SESSION, W, PUBLISH, MAYBE, SMALL, projects_sandbox),
	ROUTE(POST, "/v1/projects/sandbox/reset", SESSION, D, RESET, MAYBE, SMALL, reset_sandbox),
	ROUTE(POST, "/v1/projects/switch", SESSION, R, NONE, JSON, SMALL, projects_switch),
	ROUTE(POST, "/v1/projects/{}/pause", SESSION, W, CONNECT, MAYBE, SMALL, pause_project),
	ROUTE(POST, "/v1/projects/{}/resume", SESSION, W, CONNECT, MAYBE, SMALL, pause_project_end),
	ROUTE(GET, "/v1/rate-meter", ANY, R, NONE, NONE, SMALL, rate_meter_get),
	ROUTE(GET, "/v1/schedules", ANY, R, NONE, NONE, SMALL, schedules_list),
	ROUTE(POST, "/v1/schedules", ANY, W, PUBLISH, JSON, SMALL, schedules_create),
	ROUTE(POST, "/v1/schedules/bulk-cancel", ANY, W, PUBLISH, JSON, SMALL,
	    bulk_schedules_cancel),
	ROUTE(POST, "/v1/schedules/bulk-delete", ANY, D, DELETE_CONTENT, JSON, SMALL,
	    bulk_schedules_delete),
	ROUTE(POST, "/v1/schedules/bulk-retry", ANY, W, PUBLISH, JSON, SMALL, bulk_schedules_retry),
	ROUTE(POST, "/v1/schedules/validate", ANY, R, NONE, JSON, SMALL, schedules_validate),
	ROUTE(DELETE, "/v1/schedules/{}", ANY, D, DELETE_CONTENT, NONE, SMALL, schedules_delete),
	ROUTE(GET, "/v1/schedules/{}", ANY, R, NONE, NONE, SMALL, schedules_get),
	ROUTE(PATCH, "/v1/schedules/{}", ANY, W, PUBLISH, JSON, SMALL, schedules_patch),
	ROUTE(POST, "/v1/schedules/{}/cancel", ANY, W, PUBLISH, MAYBE, SMALL, schedules_cancel),
	ROUTE(POST, "/v1/schedules/{}/retry", ANY, W, PUBLISH, MAYBE, SMALL, schedules_retry),
	ROUTE(GET, "/v1/webhooks", ANY, R, NONE, NONE, SMALL, webhooks_list),
	ROUTE(POST, "/v1/webhooks", ANY, W, CONNECT, JSON, SMALL, webhooks_create),
	ROUTE(DELETE, "/v1/webhooks/{}", ANY, D, CONNECT, NONE, SMALL, webhooks_delete),
	ROUTE(GET, "/v1/webhooks/{}", ANY, R, NONE, NONE, SMALL, webhooks_get),
	ROUTE(PATCH, "/v1/webhooks/{}", ANY, W, CONNECT, JSON, SMALL, webhooks_patch),
};
/* clang-format on */
const size_t routes_len = sizeof(routes) / sizeof(routes[0]);
