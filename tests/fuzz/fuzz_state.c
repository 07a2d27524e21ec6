/*
 * The `state` of an OAuth round trip: nothing that this instance did not sign is read, one that it
 * did is read as it was made, and no change of it is. Input: where to change it and how, then
 * return_to, or the text itself.
 */
#include "tests/fuzz/fuzz.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/pinterest/oauth_state.h"
#include "lib/arena.h"
#include "lib/crypto.h"
#include "lib/keyring.h"

#define NOW_US INT64_C(1700000000000000)

static struct keyring *
new_state_keys(void)
{
	char dir[] = "/tmp/fuzz_state.XXXXXX", path[64];
	struct keyring *keys = NULL;

	crypto_start();
	if (mkdtemp(dir) == NULL)
		panic("fuzz: no folder");
	(void)snprintf(path, sizeof(path), "%s/key", dir);
	if (keyring_create(path) == 0)
		keys = keyring_load(path);
	(void)unlink(path);
	(void)rmdir(dir);
	MUST(keys != NULL);
	return keys;
}

static void
check_round_trip(const struct keyring *keys, const uint8_t *data, size_t size, struct arena *mem)
{
	struct oauth_state in = { .expires_us = NOW_US + OAUTH_STATE_LIFE_US }, out;
	size_t where = data[0] * (size_t)256 + data[1];
	char *back = fuzz_text(data + 3, size - 3), *text;

	memset(&in.project_id, data[2], sizeof(in.project_id));
	in.return_to = *back != '\0' && strlen(back) < 1000 ? back : NULL;
	text = arena_strdup(mem, oauth_state_make(keys, &in, mem));
	MUST(oauth_state_read(keys, text, NOW_US, mem, &out) == OAUTH_STATE_OK);
	MUST(uuid_equal(&out.project_id, &in.project_id) && out.expires_us == in.expires_us);
	MUST((out.return_to == NULL) == (in.return_to == NULL));
	MUST(in.return_to == NULL || strcmp(out.return_to, in.return_to) == 0);
	MUST(oauth_state_read(keys, text, in.expires_us, mem, &out) == OAUTH_STATE_EXPIRED);
	if (data[2] != 0 && where < strlen(text)) {
		text[where] = (char)(text[where] ^ data[2]);
		MUST(oauth_state_read(keys, text, NOW_US, mem, &out) == OAUTH_STATE_FORGED);
	}
	free(back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct keyring *keys;
	struct arena *mem = arena_new();
	char *text = fuzz_text(data, size);
	struct oauth_state out;

	if (keys == NULL)
		keys = new_state_keys();
	MUST(oauth_state_read(keys, text, NOW_US, mem, &out) == OAUTH_STATE_FORGED);
	(void)oauth_state_return_allowed("https://app.example/a,https://b.example", text);
	if (oauth_state_return_allowed("https://app.example", text))
		MUST(strncmp(text, "https://app.example", 19) == 0 &&
		     (text[19] == '\0' || strchr("/?#", text[19]) != NULL));
	if (size > 3)
		check_round_trip(keys, data, size, mem);
	free(text);
	arena_free(mem);
	return 0;
}
