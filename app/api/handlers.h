#ifndef APP_API_HANDLERS_H
#define APP_API_HANDLERS_H

struct call;

/*
 * One function per route of app/routes.c. The front has checked path, method, size, content type,
 * credential and scope, and parsed the body (c->json). A handler decodes, acts and sets c->reply,
 * nothing else.
 */

/* app/api/system.c */
void system_root(struct call *c);
void system_healthz(struct call *c);
void system_readyz(struct call *c);

/* app/api/login.c */
void login_register(struct call *c);
void login_login(struct call *c);
void login_me(struct call *c);

/* app/api/api_keys.c */
void api_keys_create(struct call *c);
void api_keys_list(struct call *c);
void api_keys_patch(struct call *c);
void api_keys_delete(struct call *c);

/* app/api/projects.c */
void projects_list(struct call *c);
void projects_sandbox(struct call *c);
void projects_switch(struct call *c);

/* app/api/pause.c */
void pause_account(struct call *c);
void pause_account_end(struct call *c);
void pause_project(struct call *c);
void pause_project_end(struct call *c);

/* app/api/reset.c */
void reset_sandbox(struct call *c);

/* app/api/webhooks.c */
void webhooks_create(struct call *c);
void webhooks_list(struct call *c);
void webhooks_get(struct call *c);
void webhooks_patch(struct call *c);
void webhooks_delete(struct call *c);

/* app/api/rate_meter.c */
void rate_meter_get(struct call *c);

/* app/api/oauth.c */
void oauth_start(struct call *c);
void oauth_callback(struct call *c);

/* app/api/accounts.c */
void accounts_list(struct call *c);
void accounts_revoke(struct call *c);

/* app/api/boards.c */
void boards_list(struct call *c);
void boards_create(struct call *c);
void boards_access(struct call *c);

/* app/api/schedules.c */
void schedules_create(struct call *c);
void schedules_list(struct call *c);
void schedules_get(struct call *c);
void schedules_patch(struct call *c);
void schedules_cancel(struct call *c);
void schedules_retry(struct call *c);
void schedules_delete(struct call *c);
void schedules_validate(struct call *c);

/* app/api/pins.c */
void pins_create(struct call *c);
void pins_list(struct call *c);
void pins_get(struct call *c);
void pins_patch(struct call *c);
void pins_delete(struct call *c);
void pins_retry(struct call *c);
void pins_settle(struct call *c);
void pins_validate(struct call *c);

/* app/api/bulk.c: {"ids": [...]}, each by the handler of the single action */
void bulk_pins_delete(struct call *c);
void bulk_pins_retry(struct call *c);
void bulk_schedules_cancel(struct call *c);
void bulk_schedules_delete(struct call *c);
void bulk_schedules_retry(struct call *c);

/* app/api/jobs.c: its one statement checks the key and reads the row (auth_credential()) */
void jobs_get(struct call *c);

/* app/api/imports.c: JSON body is an array (checked); CSV: multipart in c->req->body */
void imports_json(struct call *c);
void imports_csv(struct call *c);
void imports_list(struct call *c);
void imports_get(struct call *c);

#endif
