#ifndef LIB_RING_H
#define LIB_RING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

#include "lib/attr.h"
#include "lib/crypto.h"
#include "lib/keyring.h"

/*
 * The key file and the keys in it. lib/keyring.c shares them between threads, and is the only one
 * that uses this.
 */
#define RING_KEYS_MAX 64

struct ring_key {
	uint32_t id;
	unsigned char bytes[CRYPTO_KEY_SIZE];
};

struct ring {
	size_t len;
	struct ring_key keys[RING_KEYS_MAX]; /* the first seals */
};

/* Which file was read: it is replaced by a rename, so its inode or its times differ. */
struct ring_mark {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec changed;
};

struct ring_mark ring_mark_of(const struct stat *st);
MUST_CHECK bool ring_mark_equal(const struct ring_mark *a, const struct ring_mark *b);

/* Checks and reads the file. 0, or -1 with the reason in `why` and `mark` as it was. */
MUST_CHECK int ring_read(
    const char *path, struct ring *r, struct ring_mark *mark, char why[KEYRING_WHY_SIZE]);
/* A new file (mode 0640, must not exist) with one new key. 0, or -1 after a log line. */
MUST_CHECK int ring_create(const char *path);
/* Puts a file with these keys in the place of the one at `path`. 0, or -1 with errno. */
MUST_CHECK int ring_replace(const char *path, const struct ring *r);

/* NULL: there is none. */
MUST_CHECK const struct ring_key *ring_find(const struct ring *r, uint32_t id);
/* NULL, or why the keys of `fresh` cannot follow those of `now`. */
MUST_CHECK const char *ring_break(const struct ring *now, const struct ring *fresh);
/* Makes the keys those after the change. NULL, or why it cannot be. */
MUST_CHECK const char *ring_change(struct ring *r, enum keyring_change what);

#endif
