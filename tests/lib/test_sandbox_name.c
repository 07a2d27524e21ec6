/* The name of a sandbox project's Pinterest user, and who can make one. */
#include "lib/sandbox_name.h"

#include <string.h>

#include "lib/arena.h"
#include "lib/crypto.h"
#include "tests/tap.h"

static void
test_forgeries(const char *name, const char *other, struct arena *mem)
{
	char *bent = arena_strdup(mem, name);
	const char *swapped =
	    arena_printf(mem, "%.*s%s", SANDBOX_NAME_LEN, other, name + SANDBOX_NAME_LEN);
	const char *const forged[] = { "", ".", "x", "0190a0b0-0000-7000-8000-000000000001",
		swapped, bent, arena_strndup(mem, name, SANDBOX_NAME_LEN),
		arena_strndup(mem, name, SANDBOX_NAME_LEN + 1),
		arena_strndup(mem, name, strlen(name) - 1), arena_printf(mem, "%sA", name),
		arena_printf(mem, "%s ", name), arena_printf(mem, ".%s", name) };

	bent[0] = bent[0] == 'A' ? 'B' : 'A';
	for (size_t i = 0; i < sizeof(forged) / sizeof(forged[0]); i++)
		ok(sandbox_name_read("secret", forged[i], "state", mem) == NULL, "forged: %s",
		    forged[i]);
}

int
main(void)
{
	const struct uuid ours = { { 1, 2, 3 } }, theirs = { { 1, 2, 4 } };
	struct arena *mem = arena_new();
	const char *name, *other, *again, *read;

	crypto_start();
	name = sandbox_name_make("secret", &ours, "state", mem);
	other = sandbox_name_make("secret", &theirs, "state", mem);
	read = sandbox_name_read("secret", name, "state", mem);
	ok(read != NULL && strlen(read) == SANDBOX_NAME_LEN, "a name is read");
	is_str(read, arena_strndup(mem, name, SANDBOX_NAME_LEN), "as the short name");
	ok(name[strspn(
	       name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")] == '\0',
	    "it needs no escapes in a URL");
	ok(strcmp(name, other) != 0, "projects have different names");
	again = sandbox_name_make("new secret", &ours, "another state", mem);
	is_str(sandbox_name_read("new secret", again, "another state", mem), read,
	    "a project keeps its user with another secret and state");
	ok(sandbox_name_read("secret", name, "another state", mem) == NULL,
	    "a name fits no other state");
	ok(sandbox_name_read("secret", name, "", mem) == NULL, "nor none");
	ok(sandbox_name_read("new secret", name, "state", mem) == NULL, "nor another secret");
	test_forgeries(name, other, mem);
	arena_free(mem);
	return tap_done();
}
