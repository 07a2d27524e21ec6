#include "lib/keyring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/crypto.h"
#include "lib/xalloc.h"
#include "tests/tap.h"

#define KEY_A "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define KEY_B "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="

static char dir[] = "/tmp/test_keyring.XXXXXX";
static char path[sizeof dir + 8];

static struct keyring *
load(const char *text, mode_t mode)
{
	/* Only root could open again for writing what the case before left read-only. */
	int fd = unlink(path) == 0 || errno == ENOENT
		     ? open(path, O_WRONLY | O_CREAT | O_EXCL, 0600)
		     : -1;
	bool good = fd != -1 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) &&
		    fchmod(fd, mode) == 0;

	if (fd != -1)
		close(fd);
	return good ? keyring_load(path) : NULL;
}

static void
test_files(void)
{
	static const struct {
		const char *text;
		mode_t mode;
		bool good;
	} cases[] = {
		{ "1 " KEY_A "\n", 0640, true },
		{ "1 " KEY_A, 0400, true },
		{ "4294967295 " KEY_A "\n2 " KEY_B "\n", 0600, true },
		{ "1 " KEY_A "\n", 0644, false },
		{ "1 " KEY_A "\n", 0660, false },
		{ "1 " KEY_A "\n", 0602, false },
		{ "", 0600, false },
		{ "\n", 0600, false },
		{ "1 " KEY_A "\n\n2 " KEY_B "\n", 0600, false },
		{ "1 " KEY_A "\n1 " KEY_B "\n", 0600, false },
		{ "0 " KEY_A "\n", 0600, false },
		{ "-1 " KEY_A "\n", 0600, false },
		{ "4294967296 " KEY_A "\n", 0600, false },
		{ "x " KEY_A "\n", 0600, false },
		{ "1  " KEY_A "\n", 0600, false },
		{ "1 " KEY_A " \n", 0600, false },
		{ "1 AAECAw==\n", 0600, false },
		{ "1 " KEY_A KEY_A "\n", 0600, false },
		{ "1\n", 0600, false },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct keyring *k = load(cases[i].text, cases[i].mode);

		ok((k != NULL) == cases[i].good,
		    "key file %zu with mode %o is accepted or refused as expected", i,
		    (unsigned)cases[i].mode);
		keyring_free(k);
	}
	ok(keyring_load("/nonexistent/key") == NULL, "a missing key file is refused");
	ok(keyring_load(dir) == NULL, "a folder as key file is refused");
	keyring_free(NULL);
}

static void
test_create(void)
{
	struct stat st = { 0 };
	mode_t old = umask(0077);
	struct keyring *k;

	unlink(path);
	ok(keyring_create(path) == 0 && stat(path, &st) == 0 && (st.st_mode & 0777) == 0640,
	    "a key file is created with mode 0640 whatever the umask");
	umask(old);
	k = keyring_load(path);
	ok(k != NULL, "a created key file can be loaded");
	keyring_free(k);
	ok(keyring_create(path) == -1, "an existing key file is not overwritten");
}

static void
test_seal(void)
{
	static const char plain[] = "access token";
	const size_t len = sizeof plain - 1;
	struct keyring *k = load("7 " KEY_A "\n", 0600);
	struct uuid row = { { 1 } }, other_row = { { 2 } };
	unsigned char sealed[64], again[64], out[64];
	size_t n = keyring_seal(k, "accounts.token", &row, plain, len, sealed);
	int opened = 0;

	is_int((int64_t)n, (int64_t)len + KEYRING_OVERHEAD, "sealing adds a fixed number of bytes");
	ok(memcmp(sealed, "\1\0\0\0\7", 5) == 0, "sealed text begins with version and key id");
	keyring_seal(k, "accounts.token", &row, plain, len, again);
	ok(memcmp(sealed, again, n) != 0, "sealing the same text twice gives different bytes");
	ok(keyring_open(k, "accounts.token", &row, sealed, n, out, len) == (int)len &&
		memcmp(out, plain, len) == 0,
	    "sealed text opens into exactly enough memory");
	ok(keyring_open(k, "accounts.token", &row, sealed, n, out, len - 1) == -1,
	    "sealed text does not open into too little memory");
	ok(keyring_open(k, "accounts.other", &row, sealed, n, out, sizeof out) == -1 &&
		keyring_open(k, "accounts.toke", &row, sealed, n, out, sizeof out) == -1,
	    "sealed text does not open under another label");
	ok(keyring_open(k, "accounts.token", &other_row, sealed, n, out, sizeof out) == -1,
	    "sealed text does not open in another row");
	for (size_t at = 0; at < n; at++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			sealed[at] ^= (unsigned char)(1u << bit);
			opened += keyring_open(
				      k, "accounts.token", &row, sealed, n, out, sizeof out) != -1;
			sealed[at] ^= (unsigned char)(1u << bit);
		}
	}
	is_int(opened, 0, "sealed text with any changed bit does not open");
	for (size_t shorter = 0; shorter < n; shorter++)
		opened +=
		    keyring_open(k, "accounts.token", &row, sealed, shorter, out, sizeof out) != -1;
	is_int(opened, 0, "truncated sealed text does not open");
	n = keyring_seal(k, "l", &row, "", 0, sealed);
	is_int(keyring_open(k, "l", &row, sealed, n, out, sizeof out), 0,
	    "the empty text can be sealed and opened");
	keyring_free(k);
}

static void
test_two_keys(void)
{
	struct keyring *old = load("1 " KEY_A "\n", 0600);
	struct keyring *both = load("2 " KEY_B "\n1 " KEY_A "\n", 0600);
	struct keyring *impostor = load("1 " KEY_B "\n", 0600);
	struct keyring *renamed = load("2 " KEY_A "\n", 0600);
	struct uuid row = { { 9 } };
	unsigned char sealed[64], out[64];
	size_t n = keyring_seal(old, "l", &row, "x", 1, sealed);

	ok(keyring_open(both, "l", &row, sealed, n, out, sizeof out) == 1,
	    "a text sealed with the old key opens");
	ok(keyring_open(impostor, "l", &row, sealed, n, out, sizeof out) == -1,
	    "a wrong key with the right id does not open");
	ok(keyring_open(renamed, "l", &row, sealed, n, out, sizeof out) == -1,
	    "an unknown key id does not open");
	sealed[4] = 2;
	ok(keyring_open(renamed, "l", &row, sealed, n, out, sizeof out) == -1,
	    "the key id is bound to the text");
	n = keyring_seal(both, "l", &row, "x", 1, sealed);
	ok(sealed[4] == 2 && keyring_open(both, "l", &row, sealed, n, out, sizeof out) == 1 &&
		keyring_open(old, "l", &row, sealed, n, out, sizeof out) == -1,
	    "the first key of the file seals");
	keyring_free(old);
	keyring_free(both);
	keyring_free(impostor);
	keyring_free(renamed);
}

/* Another program, which has read the file already, goes along. */
static void
test_rotation(void)
{
	struct keyring *mine = load("1 " KEY_A "\n", 0600), *theirs = keyring_load(path);
	struct uuid row = { { 3 } };
	unsigned char sealed[64], signature[32], out[64];
	char why[KEYRING_WHY_SIZE];
	size_t n = keyring_seal(theirs, "l", &row, "x", 1, sealed);
	uint32_t fresh;

	keyring_sign(theirs, "oauth", "data", 4, signature);
	ok(keyring_change(mine, KEYRING_PREPARE, why) == 0 && keyring_len(mine) == 2,
	    "a key is prepared");
	keyring_seal(theirs, "l", &row, "x", 1, sealed);
	ok(sealed[4] == 1 && keyring_len(theirs) == 2, "others know it, and seal with the first");
	fresh = keyring_fingerprint(mine, 1, out);
	ok(keyring_change(mine, KEYRING_PROMOTE, why) == 0 &&
		keyring_fingerprint(mine, 0, out) == fresh,
	    "it becomes the first");
	ok(keyring_open(mine, "l", &row, sealed, n, out, sizeof out) == 1,
	    "what the old one sealed opens");
	ok(keyring_signed(theirs, "oauth", "data", 4, signature), "what it signed is accepted");
	ok(!keyring_signed(theirs, "oauth", "datb", 4, signature), "other data is not");
	keyring_seal(theirs, "l", &row, "x", 1, sealed);
	ok(sealed[4] == (unsigned char)fresh, "others seal with the new one");
	ok(keyring_change(mine, KEYRING_RETIRE, why) == 0 && keyring_len(mine) == 1, "one stays");
	ok(!keyring_signed(theirs, "oauth", "data", 4, signature), "its signatures have ended");
	ok(keyring_open(theirs, "l", &row, sealed, n, out, sizeof out) == 1,
	    "what the new one sealed opens");
	keyring_free(mine);
	keyring_free(theirs);
}

/* A file that does not go on from the last one is not taken up, and does no harm. */
static void
test_not_followed(void)
{
	static const char *const texts[] = { "2 " KEY_B "\n", "1 " KEY_B "\n",
		"2 " KEY_A "\n1 " KEY_B "\n", "", "1 x\n" };
	struct keyring *k = load("1 " KEY_A "\n", 0600);
	struct uuid row = { { 4 } };
	unsigned char sealed[64], out[64];
	size_t n = keyring_seal(k, "l", &row, "x", 1, sealed), i;
	unsigned char *again = xmalloc(n);

	for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		keyring_free(load(texts[i], 0600));
		keyring_seal(k, "l", &row, "x", 1, again);
		ok(again[4] == 1 && keyring_open(k, "l", &row, sealed, n, out, sizeof out) == 1,
		    "file %zu is not followed", i);
	}
	keyring_free(load("2 " KEY_B "\n1 " KEY_A "\n", 0600));
	keyring_seal(k, "l", &row, "x", 1, again);
	ok(again[4] == 2, "one with the known key is");
	(void)unlink(path);
	keyring_seal(k, "l", &row, "x", 1, again);
	ok(again[4] == 2, "nor does it matter that the file is away");
	free(again);
	keyring_free(k);
}

/* A file that cannot be read for a moment is taken up a moment later. */
static void
test_passing_fault(void)
{
	struct keyring *k = load("1 " KEY_A "\n", 0600);
	struct uuid row = { { 5 } };
	struct rlimit all, none;
	unsigned char sealed[64] = { 0 };
	int64_t end_us;

	if (getrlimit(RLIMIT_NOFILE, &all) == -1)
		abort();
	keyring_free(load("2 " KEY_B "\n1 " KEY_A "\n", 0600));
	none = (struct rlimit){ 0, all.rlim_max };
	(void)setrlimit(RLIMIT_NOFILE, &none);
	keyring_seal(k, "l", &row, "x", 1, sealed);
	(void)setrlimit(RLIMIT_NOFILE, &all);
	ok(sealed[4] == 1, "without a file descriptor the keys stay");
	for (end_us = clock_mono_us() + 20 * US_PER_S; sealed[4] == 1 && clock_mono_us() < end_us;)
		keyring_seal(k, "l", &row, "x", 1, sealed);
	ok(sealed[4] == 2, "and are read soon after there is one");
	keyring_free(k);
}

static void
test_sign(void)
{
	struct keyring *a = load("1 " KEY_A "\n", 0600), *b = load("1 " KEY_B "\n", 0600);
	unsigned char one[32], two[32];

	keyring_sign(a, "oauth", "data", 4, one);
	keyring_sign(a, "oauth", "data", 4, two);
	ok(memcmp(one, two, 32) == 0, "the same data has the same signature");
	keyring_sign(a, "oauth", "datb", 4, two);
	ok(memcmp(one, two, 32) != 0, "other data has another signature");
	keyring_sign(a, "other", "data", 4, two);
	ok(memcmp(one, two, 32) != 0, "another label gives another signature");
	keyring_sign(b, "oauth", "data", 4, two);
	ok(memcmp(one, two, 32) != 0, "another key gives another signature");
	keyring_free(a);
	keyring_free(b);
}

static void
test_fingerprint(void)
{
	unsigned char a[SHA256_SIZE], again[SHA256_SIZE], b[SHA256_SIZE];
	struct keyring *k = load("1 " KEY_A "\n2 " KEY_B "\n", 0600), *same, *other;

	unlink(path);
	same = load("2 " KEY_A "\n", 0600);
	unlink(path);
	other = load("2 " KEY_B "\n", 0600);
	is_int((int64_t)keyring_len(k), 2, "a ring of two keys");
	is_int(keyring_fingerprint(k, 0, a), 1, "the number of the first");
	is_int(keyring_fingerprint(k, 1, b), 2, "and of the second");
	ok(memcmp(a, b, sizeof a) != 0, "other keys have other fingerprints");
	(void)keyring_fingerprint(same, 0, again);
	ok(memcmp(a, again, sizeof a) == 0, "a key has one fingerprint, whatever its number");
	ok(keyring_equal(other, other) && !keyring_equal(other, same) && !keyring_equal(k, other),
	    "rings are equal when their keys are");
	keyring_free(k);
	keyring_free(same);
	keyring_free(other);
}

int
main(void)
{
	crypto_start();
	if (mkdtemp(dir) == NULL)
		return 1;
	snprintf(path, sizeof path, "%s/key", dir);
	test_files();
	test_create();
	test_seal();
	test_two_keys();
	test_rotation();
	test_not_followed();
	test_passing_fault();
	test_sign();
	test_fingerprint();
	unlink(path);
	rmdir(dir);
	return tap_done();
}
