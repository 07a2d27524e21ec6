/*
 * Our own page before Pinterest's: it says who asks, for which workspace, and what will happen. It
 * is shown for a state (oauth/start) or for a link that was handed out. Nothing happens until the
 * button is pressed: only then does the browser get the cookie that the callback wants.
 */
#include "config.h"

#include <string.h>

#include "app/api/connect_begun.h"
#include "app/api/connect_links.h"
#include "app/api/handlers.h"
#include "app/api/page.h"
#include "app/http/call.h"
#include "app/pinterest/connect.h"
#include "app/pinterest/upstream.h"
#include "lib/arena.h"
#include "lib/clock.h"
#include "lib/rfc3339.h"
#include "lib/url.h"

/* A connection that a browser asks for. */
struct connect_door {
	const char *name, *text; /* of the query */
	struct oauth_state state;
	struct connect_begun begun;
	int64_t until_us;
};

static const struct {
	const char *scope, *words;
} scope_words[] = {
	{ "ads:read", "see your advertising data; Pinterest wants this for related search terms" },
	{ "boards:read", "see your public boards" },
	{ "boards:write", "create, change and delete your public boards" },
	{ "boards:read_secret", "see your secret boards" },
	{ "boards:write_secret", "create, change and delete your secret boards" },
	{ "pins:read", "see your public Pins" },
	{ "pins:write", "create, change and delete your public Pins" },
	{ "pins:read_secret", "see your secret Pins" },
	{ "pins:write_secret", "create, change and delete your secret Pins" },
	{ "user_accounts:read", "see your account's name and profile" },
};

/* "<li>see your public boards</li>..." */
static const char *
scopes_html(const char *scopes, struct arena *mem)
{
	const char *out = "", *one;
	size_t n, i;

	for (; scopes != NULL && *scopes != '\0'; scopes += n + (scopes[n] != '\0')) {
		n = strcspn(scopes, ", ");
		if (n == 0)
			continue;
		one = arena_strndup(mem, scopes, n);
		for (i = 0; i < sizeof(scope_words) / sizeof(scope_words[0]); i++)
			if (strcmp(one, scope_words[i].scope) == 0)
				one = scope_words[i].words;
		out = arena_printf(mem, "%s<li>%s</li>", out, page_escape(one, mem));
	}
	return out;
}

static void
refuse_door(struct call *c, const struct problem *why)
{
	if (page_wanted(c))
		page_end(c, why->status, "Not connected",
		    why->remediation == NULL
			? why->message
			: arena_printf(c->mem, "%s %s", why->message, why->remediation));
	else
		reply_problem(&c->reply, why);
}

/* Reads state or link, and who began. False: the reply is set. */
static bool
open_door(struct call *c, struct connect_door *d)
{
	const char *state = call_query(c, "state"), *link = call_query(c, "link");
	struct problem why = { 0 };
	bool good;

	memset(d, 0, sizeof(*d));
	d->name = link != NULL ? "link" : "state";
	d->text = link != NULL ? link : state;
	if (link != NULL) {
		good = connect_link_open(c, link, &d->state, &d->until_us, &why);
	} else {
		good = state != NULL && oauth_state_read(c->app->keys, state, c->now_us, c->mem,
					    &d->state) == OAUTH_STATE_OK;
		d->until_us = d->state.expires_us;
		if (!good) {
			problem_set(&why, 400, "bad_request",
			    "This connection attempt is not valid or has expired.");
			why.remediation = "Start the connection again.";
		}
	}
	if (good && connect_begun_load(c, &d->state, &d->begun, &why))
		return true;
	refuse_door(c, &why);
	return false;
}

static const char *
door_address(struct call *c, const struct connect_door *d)
{
	return connect_page_url(c, d->name, d->text);
}

/* What proves that this browser was shown this page. */
static size_t
door_secret(const struct connect_door *d, const void **secret)
{
	*secret = d->text;
	return strlen(d->text);
}

/* GET /v1/pinterest/oauth/connect */
void
connect_page_show(struct call *c)
{
	struct connect_door d;
	char until[RFC3339_SIZE];
	const char *again;
	const void *secret;
	size_t len;

	if (!open_door(c, &d))
		return;
	again = d.begun.username == NULL
		    ? "a Pinterest account of yours"
		    : arena_printf(c->mem, "the Pinterest account <strong>@%s</strong> again",
			  page_escape(d.begun.username, c->mem));
	page_reply(c, 200, "Connect a Pinterest account",
	    arena_printf(c->mem,
		"<p><strong>%s</strong> asks to connect %s to its workspace <strong>%s</strong>"
		"%s.</p><p>If you continue, Pinterest asks you to let it:</p><ul>%s</ul>"
		"<p>The workspace can then publish Pins in that account's name until you "
		"withdraw it: on Pinterest, in Settings, under Security, Connected apps.</p>"
		"<p>If you do not know <strong>%s</strong>, or did not expect this, close this "
		"window: nothing is connected before you continue.</p>"
		"<form method=\"post\" action=\"%s\"><button type=\"submit\">Continue to "
		"Pinterest</button></form><p>Good for one account, until %.19s UTC.</p>",
		page_escape(d.begun.organization, c->mem), again,
		page_escape(d.begun.project, c->mem),
		d.begun.environment == ENV_SANDBOX
		    ? " (a sandbox: a rehearsal with a simulator, not the real Pinterest)"
		    : "",
		scopes_html(c->app->conf->upstream[d.begun.environment].scopes, c->mem),
		page_escape(d.begun.organization, c->mem), page_escape(door_address(c, &d), c->mem),
		rfc3339_format(d.until_us, until)));
	len = door_secret(&d, &secret);
	connect_cookie_set(c, CONNECT_SHOWN, secret, len);
}

/* POST /v1/pinterest/oauth/connect: the button was pressed. */
void
connect_page_go(struct call *c)
{
	struct problem why = { 0 };
	struct connect_door d;
	const char *state;
	const void *secret;
	size_t len;

	c->idem_done = true; /* the reply belongs to this browser */
	if (!open_door(c, &d))
		return;
	len = door_secret(&d, &secret);
	if (!connect_cookie_sent(c, CONNECT_SHOWN, secret, len)) {
		problem_set(&why, 403, "forbidden",
		    "This browser was not shown the page before, or takes no cookies. Nothing was "
		    "connected.");
		why.remediation = "Allow cookies of this site and open the address again.";
	} else {
		(void)upstream_configured(c, d.begun.environment, &why);
	}
	if (problem_any(&why)) {
		refuse_door(c, &why);
		return;
	}
	state = d.text;
	if (!uuid_is_nil(&d.state.link_id)) {
		d.state.expires_us = c->now_us + OAUTH_STATE_LIFE_US;
		state = oauth_state_make(c->app->keys, &d.state, c->mem);
	}
	reply_redirect(
	    &c->reply, connect_authorize_url(c, &d.state.project_id, d.begun.environment, state));
	connect_cookie_set(c, CONNECT_GONE_ON, d.state.nonce, sizeof(d.state.nonce));
}
