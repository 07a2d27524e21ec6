#include "app/http/auth.h"

#include <json-c/json.h>

#include "app/http/call.h"
#include "tests/tap.h"

static const struct {
	const char *role;
	unsigned has, lacks, scopes;
} roles[] = {
	{ "owner",
	    PERM_MEMBERS | PERM_BILLING | PERM_API_KEYS | PERM_CONNECT | PERM_PUBLISH |
		PERM_DELETE_ASSETS | PERM_RESET | PERM_REPORTS | PERM_DELETE_CONTENT,
	    PERM_NONE, SCOPE_ALL },
	{ "admin", PERM_MEMBERS | PERM_API_KEYS | PERM_CONNECT | PERM_PUBLISH | PERM_RESET,
	    PERM_BILLING, SCOPE_ALL },
	{ "editor", PERM_PUBLISH | PERM_REPORTS | PERM_DELETE_CONTENT,
	    PERM_MEMBERS | PERM_BILLING | PERM_API_KEYS | PERM_CONNECT | PERM_RESET, SCOPE_ALL },
	{ "Owner", PERM_NONE, ~0u, 0 },
	{ "viewer", PERM_REPORTS, ~(unsigned)PERM_REPORTS, SCOPE_READ },
	{ "", PERM_NONE, ~0u, 0 },
	{ NULL, PERM_NONE, ~0u, 0 },
};

static const char *const names[] = { "can_manage_members", "can_manage_billing",
	"can_manage_api_keys", "can_manage_integrations", "can_publish", "can_delete_assets",
	"can_reset_sandbox", "can_view_reports", "can_delete_content" };

static void
test_roles(void)
{
	unsigned p;
	size_t i;

	for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		p = role_permissions(roles[i].role);
		ok((p & roles[i].has) == roles[i].has && (p & roles[i].lacks) == 0,
		    "permissions of the role %s", roles[i].role ? roles[i].role : "(none)");
		is_int(auth_role_scopes(p), roles[i].scopes, "scopes of the role");
	}
	is_int(auth_role_scopes(PERM_REPORTS), SCOPE_READ, "reports alone give the scope read");
	is_int(auth_role_scopes(PERM_PUBLISH), SCOPE_READ | SCOPE_WRITE,
	    "publishing gives the scopes read and write");
}

/* Who may give which role. */
static void
test_gives(void)
{
	static const char *const words[] = { "owner", "admin", "editor", "viewer", "king", NULL };
	size_t own, role;
	bool may;

	for (own = 0; own < 6; own++) {
		for (role = 0; role < 6; role++) {
			may = role < 4 && (own == 0 || (own == 1 && role > 0));
			ok(role_gives(words[own], words[role]) == may, "%s %s %s",
			    words[own] ? words[own] : "(none)", may ? "gives" : "does not give",
			    words[role] ? words[role] : "(none)");
		}
	}
}

static void
test_json(void)
{
	struct json_object *o = auth_permissions_json(PERM_PUBLISH), *v;
	size_t i;

	is_int(json_object_object_length(o), 9, "there are nine permissions");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ok(json_object_object_get_ex(o, names[i], &v) &&
			json_object_is_type(v, json_type_boolean) &&
			json_object_get_boolean(v) == (strcmp(names[i], "can_publish") == 0),
		    "%s is a boolean", names[i]);
	json_object_put(o);
}

int
main(void)
{
	test_roles();
	test_gives();
	test_json();
	return tap_done();
}
