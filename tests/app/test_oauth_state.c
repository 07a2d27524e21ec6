#include "app/pinterest/oauth_state.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/arena.h"
#include "lib/crypto.h"
#include "lib/keyring.h"
#include "tests/tap.h"

#define NOW_US INT64_C(1700000000000000)

static struct keyring *
new_keys(void)
{
	char dir[] = "/tmp/test_oauth_state.XXXXXX", path[64];
	struct keyring *k = NULL;

	if (mkdtemp(dir) == NULL)
		return NULL;
	(void)snprintf(path, sizeof(path), "%s/key", dir);
	if (keyring_create(path) == 0)
		k = keyring_load(path);
	(void)unlink(path);
	(void)rmdir(dir);
	return k;
}

static void
test_round_trip(const struct keyring *keys, struct arena *mem)
{
	struct oauth_state in = { .project_id = uuid_v7(NOW_US),
		.user_id = uuid_v7(NOW_US),
		.account_id = uuid_v7(NOW_US),
		.key_id = uuid_v7(NOW_US + 3),
		.link_id = uuid_v7(NOW_US + 4),
		.expires_us = NOW_US + OAUTH_STATE_LIFE_US,
		.return_to = "https://app.example/x?a=1 2" };
	struct oauth_state out, second = in;
	const char *text = oauth_state_make(keys, &in, mem);
	const char *other = oauth_state_make(keys, &second, mem);

	is_int(oauth_state_read(keys, text, NOW_US, mem, &out), OAUTH_STATE_OK,
	    "a signed state is good");
	ok(uuid_equal(&out.project_id, &in.project_id), "a state keeps its project");
	ok(uuid_equal(&out.user_id, &in.user_id), "a state keeps its user");
	ok(uuid_equal(&out.key_id, &in.key_id), "a state keeps its key");
	ok(uuid_equal(&out.link_id, &in.link_id), "a state keeps its link");
	ok(uuid_equal(&out.account_id, &in.account_id), "a state keeps its account");
	ok(memcmp(out.nonce, in.nonce, sizeof(in.nonce)) == 0, "a state keeps its nonce");
	is_str(out.return_to, "https://app.example/x?a=1 2", "a state keeps its return_to");
	ok(strcmp(text, other) != 0, "two states differ");
	is_int(oauth_state_read(keys, text, in.expires_us - 1, mem, &out), OAUTH_STATE_OK,
	    "a state is good until it expires");
	is_int(oauth_state_read(keys, text, in.expires_us, mem, &out), OAUTH_STATE_EXPIRED,
	    "a state is expired at its expiry");
	in.return_to = NULL;
	is_int(oauth_state_read(keys, oauth_state_make(keys, &in, mem), NOW_US, mem, &out),
	    OAUTH_STATE_OK, "a state without return_to is good");
	is_str(out.return_to, NULL, "a state without return_to has none");
}

/* Every character changed, one at a time: never accepted. */
static void
test_altered(const struct keyring *keys, struct arena *mem)
{
	struct oauth_state in = { .project_id = uuid_v7(NOW_US),
		.expires_us = NOW_US + OAUTH_STATE_LIFE_US };
	const char *text = oauth_state_make(keys, &in, mem);
	struct oauth_state out;
	size_t accepted = 0, len = strlen(text);

	for (size_t i = 0; i + 1 < len; i++) {
		char *copy = arena_strdup(mem, text);

		copy[i] = copy[i] == 'A' ? 'B' : 'A';
		accepted += oauth_state_read(keys, copy, NOW_US, mem, &out) != OAUTH_STATE_FORGED;
		accepted += oauth_state_read(keys, arena_strndup(mem, text, i), NOW_US, mem,
				&out) != OAUTH_STATE_FORGED;
	}
	is_int((int64_t)accepted, 0, "no altered or cut state is accepted");
	is_int(oauth_state_read(keys, "", NOW_US, mem, &out), OAUTH_STATE_FORGED,
	    "an empty state is forged");
	is_int(oauth_state_read(keys, ".", NOW_US, mem, &out), OAUTH_STATE_FORGED,
	    "a lone dot is forged");
}

/* The payload of one state under the signature of another, and another instance's signature. */
static void
test_other_project(const struct keyring *keys, struct arena *mem)
{
	struct oauth_state a = { .project_id = uuid_v7(NOW_US),
		.expires_us = NOW_US + OAUTH_STATE_LIFE_US };
	struct oauth_state b = { .project_id = uuid_v7(NOW_US + 1), .expires_us = a.expires_us };
	const char *ta = oauth_state_make(keys, &a, mem), *tb = oauth_state_make(keys, &b, mem);
	struct keyring *elsewhere = new_keys();
	struct oauth_state out;
	const char *mixed =
	    arena_printf(mem, "%.*s%s", (int)(strchr(ta, '.') - ta), ta, strchr(tb, '.'));

	is_int(oauth_state_read(keys, mixed, NOW_US, mem, &out), OAUTH_STATE_FORGED,
	    "a payload under another payload's signature is forged");
	is_int(oauth_state_read(elsewhere, ta, NOW_US, mem, &out), OAUTH_STATE_FORGED,
	    "a state of another instance is forged");
	keyring_free(elsewhere);
}

static void
test_return_to(void)
{
	static const struct {
		const char *prefixes, *url;
		int allowed;
	} cases[] = {
		{ "https://a.example", "https://a.example", 1 },
		{ "https://a.example", "https://a.example/x", 1 },
		{ "https://a.example", "https://a.example?x", 1 },
		{ "https://a.example", "https://a.example.evil.test/", 0 },
		{ "https://a.example", "https://a.example@evil.test/", 0 },
		{ "https://a.example", "https://a.example:8443/", 0 },
		{ "https://a.example/app/", "https://a.example/app/done", 1 },
		{ "https://a.example/app/", "https://a.example/", 0 },
		{ "https://a.example/app/", "https://a.example/app/../x", 0 },
		{ "https://a.example/app/", "https://a.example/app/%2E./x", 0 },
		{ "https://a.example/app/", "https://a.example/app/%2e%2e", 0 },
		{ "https://a.example/app/", "https://a.example/app/\\..\\x", 0 },
		{ "https://a.example/app/", "https://a.example/app/..", 0 },
		{ "https://a.example/app/", "https://a.example/app/.../x", 1 },
		{ "https://a.example/app/", "https://a.example/app/..x?y=/../#/../", 1 },
		{ "https://a.example", "http://a.example/", 0 },
		{ "https://b.example, https://a.example", "https://a.example/", 1 },
		{ "https://b.example,https://a.example", "https://b.example/", 1 },
		{ "", "https://a.example/", 0 },
		{ NULL, "https://a.example/", 0 },
		{ "https:", "https://a.example/", 0 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_int(oauth_state_return_allowed(cases[i].prefixes, cases[i].url),
		    cases[i].allowed, cases[i].url);
}

int
main(void)
{
	struct arena *mem = arena_new();
	struct keyring *keys;

	crypto_start();
	keys = new_keys();
	if (ok(keys != NULL, "a key")) {
		test_round_trip(keys, mem);
		test_altered(keys, mem);
		test_other_project(keys, mem);
	}
	test_return_to();
	keyring_free(keys);
	arena_free(mem);
	return tap_done();
}
