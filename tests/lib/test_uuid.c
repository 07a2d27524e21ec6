#include "lib/uuid.h"

#include "lib/crypto.h"
#include "tests/rng.h"
#include "tests/tap.h"

static const char *const refused[] = {
	"",
	"0190163d-8694-739b-aea5-966c26f8ad9",
	"0190163d-8694-739b-aea5-966c26f8ad911",
	"0190163d-8694-739b-aea5_966c26f8ad91",
	"0190163d86-94-739b-aea5-966c26f8ad91",
	"0190163d8694739baea5966c26f8ad91",
	"{190163d-8694-739b-aea5-966c26f8ad91}",
	"0190163g-8694-739b-aea5-966c26f8ad91",
	"0190163d-8694-739b-aea5-966c26f8ad9 ",
	" 190163d-8694-739b-aea5-966c26f8ad91",
	"0190163d-8694-739b-aea5-966c26f8ad-1",
};

static void
test_text(void)
{
	const char *text = "0190163d-8694-739b-aea5-966c26f8ad91";
	char out[UUID_TEXT_SIZE];
	struct uuid u, same, before;

	ok(uuid_parse(text, &u) == 0, "a UUID is parsed");
	is_str(uuid_format(&u, out), text, "a parsed UUID is formatted unchanged");
	ok(u.b[0] == 0x01 && u.b[15] == 0x91, "bytes are in order");
	ok(uuid_parse("0190163D-8694-739B-AEA5-966C26F8AD91", &same) == 0 && uuid_equal(&u, &same),
	    "upper-case digits are accepted");
	before = u;
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
		ok(uuid_parse(refused[i], &u) == -1 && uuid_equal(&u, &before), "refused: %s",
		    refused[i]);
	ok(uuid_parse(NULL, &u) == -1, "NULL is refused");
	ok(uuid_parse("00000000-0000-0000-0000-000000000000", &u) == 0 && uuid_is_nil(&u),
	    "the nil UUID is parsed");
	ok(!uuid_is_nil(&before) && !uuid_equal(&u, &before),
	    "another UUID is neither nil nor equal");
	ok(uuid_parse("00000000-0000-0000-0000-000000000001", &u) == 0 && !uuid_is_nil(&u),
	    "a UUID with one bit is not nil");
}

static void
test_v7(void)
{
	const int64_t now_us = 0x0190163d8694 * 1000 + 500;
	struct rng rng = rng_new();
	int64_t at = now_us;
	struct uuid u = uuid_v7(now_us), last = u, other = uuid_v7(now_us);
	char out[UUID_TEXT_SIZE], again[UUID_TEXT_SIZE];
	int wrong = 0;

	uuid_format(&u, out);
	ok(strncmp(out, "0190163d-8694-7800-", 19) == 0,
	    "a new UUID has time, version and fraction: %s", out);
	ok(strchr("89ab", out[19]) != NULL, "a new UUID has the right variant");
	ok(!uuid_equal(&u, &other), "the rest of a new UUID is random");
	for (int i = 0; i < 20000; i++) {
		at += rng_range(&rng, 1, 3000);
		u = uuid_v7(at);
		uuid_format(&u, out);
		wrong += memcmp(last.b, u.b, 16) >= 0;
		wrong += (u.b[6] >> 4) != 7 || (u.b[8] >> 6) != 2 || out[14] != '7';
		wrong += uuid_parse(out, &other) != 0 || !uuid_equal(&u, &other) ||
			 strcmp(uuid_format(&other, again), out) != 0;
		last = u;
	}
	is_int(wrong, 0, "later UUIDs are greater, have version 7, and survive a round trip");
}

static void
test_shard(void)
{
	struct uuid u;
	int count[SHARD_COUNT] = { 0 }, low = INT32_MAX, high = 0;

	(void)uuid_parse("0190163d-8694-739b-aea5-966c26f8ad91", &u);
	is_int(uuid_shard(&u), 51, "a UUID's shard stays the same between versions");
	(void)uuid_parse("00000000-0000-0000-0000-000000000000", &u);
	is_int(uuid_shard(&u), 28, "the nil UUID's shard stays the same between versions");
	for (int i = 0; i < 64000; i++) {
		u = uuid_v7(1700000000000000 + i);
		count[uuid_shard(&u)]++;
	}
	for (int i = 0; i < SHARD_COUNT; i++) {
		low = count[i] < low ? count[i] : low;
		high = count[i] > high ? count[i] : high;
	}
	ok(low > 750 && high < 1250, "shards fill evenly: %d to %d of 1000", low, high);
}

static void
test_place(void)
{
	int count[512] = { 0 }, high = 0, used = 0;
	struct uuid project;

	for (int i = 0; i < 5120; i++) {
		project = uuid_project(1700000000000000 + i);
		count[uuid_place(&project, 512)]++;
	}
	for (int i = 0; i < 512; i++) {
		used += count[i] > 0;
		high = count[i] > high ? count[i] : high;
	}
	ok(used > 480 && high < 40, "projects spread over a table: %d of 512 places, %d at most",
	    used, high);
}

static void
test_project_ids(void)
{
	struct uuid id = uuid_project(1700000000000000), shown = uuid_project_shown(&id), next;
	char text[UUID_TEXT_SIZE], text2[UUID_TEXT_SIZE];

	ok(uuid_equal(&id, &shown), "a new project is shown with its own id");
	is_str(uuid_format(&id, text) + 30, "000000", "which ends with zeros");
	next = uuid_project_next(&id);
	ok(!uuid_equal(&next, &id), "a reset gives it another");
	is_str(uuid_format_project(&next, text2), text, "that is shown as the first");
	for (int i = 1; i < 256; i++)
		next = uuid_project_next(&next);
	is_str(uuid_format(&next, text2) + 30, "000100", "resets are counted");
	next.b[13] = next.b[14] = next.b[15] = 0xff;
	next = uuid_project_next(&next);
	ok(uuid_equal(&next, &id), "and begin again after 16,777,216 of them");
}

int
main(void)
{
	crypto_start();
	test_text();
	test_v7();
	test_shard();
	test_place();
	test_project_ids();
	return tap_done();
}
