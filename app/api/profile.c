/*
 * The signed-in person, and what is told about the organization. The name of the workspace is that
 * of the session's project.
 */
#include <json-c/json.h>
#include <string.h>

#include "app/api/activity.h"
#include "app/api/handlers.h"
#include "app/api/team.h"
#include "app/http/auth.h"
#include "app/http/call.h"
#include "lib/json.h"
#include "lib/json_reader.h"
#include "sql/stmt.h"

/* The columns of sql/group/organization_details.sql. */
struct organization_details {
	const char *company_name, *company_website, *billing_email, *billing_phone, *tax_id;
	const char *address_line1, *address_line2, *address_city, *address_state;
	const char *address_postal_code, *address_country;
};

static const struct detail {
	const char *name;
	size_t at;
} details[] = {
#define DETAIL(name)                                                                               \
	{                                                                                          \
#name, offsetof(struct organization_details, name)                                 \
	}
	DETAIL(company_name),
	DETAIL(company_website),
	DETAIL(billing_email),
	DETAIL(billing_phone),
	DETAIL(tax_id),
	DETAIL(address_line1),
	DETAIL(address_line2),
	DETAIL(address_city),
	DETAIL(address_state),
	DETAIL(address_postal_code),
	DETAIL(address_country),
#undef DETAIL
};
#define DETAILS (sizeof(details) / sizeof(details[0]))

struct profile {
	const char *full_name, *email, *workspace_name, *pending_email;
	int64_t pending_us;
	struct organization_details details;
};

static const char **
detail_of(struct organization_details *d, const struct detail *which)
{
	return (const char **)(void *)((char *)d + which->at);
}

static enum db_rc
load_profile(struct call *c, struct profile *p)
{
	struct organization_details *d = &p->details;

	return db_row(c->db,
	    SQL_IN(profile_get, .user = db_uuid(&c->who.user_id),
		.project = db_uuid(&c->who.project_id),
		.organization = db_uuid(&c->who.organization_id)),
	    SQL_OUT(profile_get, .full_name = db_get_text(&p->full_name),
		.email = db_get_text(&p->email), .workspace_name = db_get_text(&p->workspace_name),
		.pending_email = db_get_text(&p->pending_email),
		.pending_at = db_get_time(&p->pending_us), ORGANIZATION_DETAILS_OUT(d)));
}

static struct json_object *
profile_json(const struct profile *p)
{
	const struct organization_details *d = &p->details;
	struct json_object *o = json_object_new_object();

	json_put_text(o, "full_name", p->full_name);
	json_put_text(o, "email", p->email);
	json_put_text(o, "pending_email_change_to", p->pending_email);
	json_put_time(o, "pending_email_change_requested_at", p->pending_us);
	json_put_text(o, "workspace_name", p->workspace_name);
	json_put_text(o, "company_name", d->company_name);
	json_put_text(o, "company_website", d->company_website);
	json_put_text(o, "billing_email", d->billing_email);
	json_put_text(o, "billing_phone", d->billing_phone);
	json_put_text(o, "tax_id", d->tax_id);
	json_put_text(o, "address_line1", d->address_line1);
	json_put_text(o, "address_line2", d->address_line2);
	json_put_text(o, "address_city", d->address_city);
	json_put_text(o, "address_state", d->address_state);
	json_put_text(o, "address_postal_code", d->address_postal_code);
	json_put_text(o, "address_country", d->address_country);
	return o;
}

/* GET /v1/auth/profile */
void
profile_get(struct call *c)
{
	struct profile p = { .full_name = NULL };
	enum db_rc rc = load_profile(c, &p);

	if (call_found(c, rc, "User"))
		reply_json(&c->reply, 200, profile_json(&p));
}

/* What a request sets. A detail that is null or empty is cleared, one that is absent stays. */
struct profile_set {
	const char *full_name, *workspace_name; /* NULL: unchanged */
	struct organization_details details;
	bool given[DETAILS], any;
};

static void
read_details(struct json_reader *r, struct organization_details *d)
{
	d->company_name = json_text(r, "company_name", JSON_OPTIONAL, 1, 255);
	d->company_website = json_url(r, "company_website", JSON_OPTIONAL);
	d->billing_email = json_email(r, "billing_email", JSON_OPTIONAL);
	d->billing_phone = json_text(r, "billing_phone", JSON_OPTIONAL, 1, 50);
	d->tax_id = json_text(r, "tax_id", JSON_OPTIONAL, 1, 100);
	d->address_line1 = json_text(r, "address_line1", JSON_OPTIONAL, 1, 255);
	d->address_line2 = json_text(r, "address_line2", JSON_OPTIONAL, 1, 255);
	d->address_city = json_text(r, "address_city", JSON_OPTIONAL, 1, 120);
	d->address_state = json_text(r, "address_state", JSON_OPTIONAL, 1, 120);
	d->address_postal_code = json_text(r, "address_postal_code", JSON_OPTIONAL, 1, 40);
	d->address_country = json_text(r, "address_country", JSON_OPTIONAL, 1, 10);
}

/* A name cannot be cleared. */
static void
keep_name(struct json_reader *r, const char *name)
{
	if (json_is_empty(r, name) && !json_is_null(r, name))
		json_wrong(r, name, "must not be empty");
}

/* False: the reply is set. */
static bool
read_profile(struct call *c, struct profile_set *s)
{
	const char *known[DETAILS + 3] = { "full_name", "workspace_name" };
	struct problem why = { 0 };
	struct json_reader r;

	json_reader_init(&r, c->json, c->mem, &why);
	for (size_t i = 0; i < DETAILS; i++)
		known[i + 2] = details[i].name;
	json_known(&r, known);
	keep_name(&r, "full_name");
	keep_name(&r, "workspace_name");
	s->full_name = json_text(&r, "full_name", JSON_OPTIONAL, 1, 255);
	s->workspace_name = json_text(&r, "workspace_name", JSON_OPTIONAL, 1, 255);
	read_details(&r, &s->details);
	for (size_t i = 0; i < DETAILS; i++) {
		s->given[i] = json_has(&r, details[i].name) || json_is_empty(&r, details[i].name);
		s->any = s->any || s->given[i];
	}
	if (call_refused(c, &why))
		return false;
	return (!s->any && s->workspace_name == NULL) ||
	       auth_permitted(c, SCOPE_READ, PERM_BILLING);
}

static enum db_rc
write_details(struct call *c, struct profile_set *s, struct profile *p)
{
	struct organization_details *d = &p->details;

	for (size_t i = 0; i < DETAILS; i++)
		if (s->given[i])
			*detail_of(d, &details[i]) = *detail_of(&s->details, &details[i]);
	return db_exec_any(c->db,
	    SQL_IN(organization_details_put, .organization = db_uuid(&c->who.organization_id),
		ORGANIZATION_DETAILS_IN(d)),
	    NULL);
}

static enum db_rc
write_profile(struct call *c, void *arg)
{
	struct profile_set *s = arg;
	struct profile p = { .full_name = NULL };
	int64_t unused;
	enum db_rc rc = db_row(c->db, SQL_IN(user_lock, .user = db_uuid(&c->who.user_id)),
	    SQL_OUT(
		user_lock, .email = db_get_text(&p.email), .email_verified = db_get_int(&unused)));

	/* another owner's details, saved at the same time, stay */
	if (rc == DB_OK && s->any)
		rc = team_hold_organization(c, &c->who.organization_id);
	if (rc == DB_OK)
		rc = load_profile(c, &p);
	if (rc == DB_NONE)
		auth_refuse(c, false);
	if (rc == DB_OK && s->full_name != NULL)
		rc = db_exec_any(c->db,
		    SQL_IN(user_rename, .user = db_uuid(&c->who.user_id),
			.name = db_text(s->full_name)),
		    NULL);
	if (rc == DB_OK && s->workspace_name != NULL)
		rc = db_exec(c->db,
		    SQL_IN(project_rename, .project = db_uuid(&c->who.project_id),
			.organization = db_uuid(&c->who.organization_id),
			.name = db_text(s->workspace_name)),
		    NULL);
	if (rc == DB_OK && s->any)
		rc = write_details(c, s, &p);
	if (rc == DB_OK)
		rc = load_profile(c, &p);
	if (rc == DB_OK)
		rc = activity_write(c, ACTIVITY_USER_PROFILE_CHANGED, NULL, &c->who.user_id);
	if (rc == DB_OK)
		reply_json(&c->reply, 200, profile_json(&p));
	return rc;
}

/* PUT /v1/auth/profile: what is not given stays. */
void
profile_put(struct call *c)
{
	struct profile_set s = { .any = false };

	if (read_profile(c, &s))
		(void)call_transact(c, write_profile, &s);
}
