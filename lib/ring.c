/* Reads, checks, changes and writes the key file. */
#include "lib/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/log.h"
#include "lib/num.h"
#include "lib/secret_file.h"
#include "lib/xalloc.h"

#define FILE_MAX 8192

const struct ring_key *
ring_find(const struct ring *r, uint32_t id)
{
	for (size_t i = 0; i < r->len; i++) {
		if (r->keys[i].id == id)
			return &r->keys[i];
	}
	return NULL;
}

/* Parses one line (without newline) into the next free key. NULL or the fault. */
static const char *
add_key(struct ring *r, char *line)
{
	char *space = strchr(line, ' ');
	struct ring_key *key = &r->keys[r->len];
	int64_t id;

	if (space == NULL)
		return "not `<key id> <base64>`";
	*space = '\0';
	if (num_parse(line, 1, UINT32_MAX, &id) == -1)
		return "key id is not a number from 1 to 4294967295";
	if (ring_find(r, (uint32_t)id) != NULL)
		return "key id occurs twice";
	if (r->len == RING_KEYS_MAX)
		return "too many keys";
	if (crypto_base64_decode(space + 1, false, key->bytes, sizeof key->bytes) !=
	    CRYPTO_KEY_SIZE)
		return "key is not the base64 of 32 bytes";
	key->id = (uint32_t)id;
	r->len++;
	return NULL;
}

static int
parse_file(struct ring *r, char *text, char why[KEYRING_WHY_SIZE])
{
	const char *fault;
	char *line = text, *next;

	for (unsigned number = 1; line != NULL && *line != '\0'; number++, line = next) {
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		fault = add_key(r, line);
		if (fault != NULL) {
			snprintf(why, KEYRING_WHY_SIZE, "line %u: %s", number, fault);
			return -1;
		}
	}
	if (r->len == 0) {
		snprintf(why, KEYRING_WHY_SIZE, "no key in it");
		return -1;
	}
	return 0;
}

struct ring_mark
ring_mark_of(const struct stat *st)
{
	return (struct ring_mark){ st->st_dev, st->st_ino, st->st_size, st->st_mtim };
}

bool
ring_mark_equal(const struct ring_mark *a, const struct ring_mark *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

int
ring_read(const char *path, struct ring *r, struct ring_mark *mark, char why[KEYRING_WHY_SIZE])
{
	char text[FILE_MAX] = { 0 };
	struct stat st = { 0 };
	int rc = -1;

	r->len = 0;
	/* Its mark first: if it is replaced in between, it will be read once more. */
	(void)stat(path, &st);
	if (secret_file_read(path, text, sizeof text, why, NULL) != -1)
		rc = parse_file(r, text, why);
	if (rc == 0)
		*mark = ring_mark_of(&st);
	crypto_wipe(text, sizeof text);
	return rc;
}

static bool
same_ring_key(const struct ring_key *a, const struct ring_key *b)
{
	return crypto_equal(a->bytes, sizeof a->bytes, b->bytes, sizeof b->bytes);
}

/* NULL, or why the keys of `fresh` cannot follow those of `now`. */
const char *
ring_break(const struct ring *now, const struct ring *fresh)
{
	bool shared = false;

	for (size_t i = 0; i < now->len; i++) {
		const struct ring_key *key = ring_find(fresh, now->keys[i].id);

		if (key != NULL && !same_ring_key(key, &now->keys[i]))
			return "it holds another key under a known number";
		shared |= key != NULL;
	}
	return shared ? NULL : "it holds none of the keys in use";
}

static int
write_keyring(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* Writes the lines of a key file and makes them durable. 0, or -1 with errno. */
static int
write_ring(int fd, const struct ring *r)
{
	char base64[CRYPTO_BASE64_SIZE(CRYPTO_KEY_SIZE)], line[sizeof base64 + 16];
	int rc = 0, n;

	for (size_t i = 0; i < r->len && rc == 0; i++) {
		n = snprintf(line, sizeof line, "%" PRIu32 " %s\n", r->keys[i].id,
		    crypto_base64(r->keys[i].bytes, CRYPTO_KEY_SIZE, base64));
		rc = write_keyring(fd, line, (size_t)n);
	}
	crypto_wipe(base64, sizeof base64);
	crypto_wipe(line, sizeof line);
	return rc == 0 ? fsync(fd) : rc;
}

/* With a random id: a key rotation may join the lines of two files. */
static struct ring_key
key_new(void)
{
	struct ring_key key = { .id = (crypto_random32() >> 1) + 1 };

	crypto_random(key.bytes, sizeof key.bytes);
	return key;
}

int
ring_create(const char *path)
{
	struct ring r = { .len = 1, .keys = { key_new() } };
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640), rc = -1;
	bool closed;

	if (fd == -1) {
		log_error("event=key_file_not_created path=%s errno=%d", path, errno);
		return -1;
	}
	/* fchmod: the umask may have removed the group's read permission. */
	if (fchmod(fd, 0640) == 0 && write_ring(fd, &r) == 0)
		rc = 0;
	closed = close(fd) == 0;
	if (rc == -1 || !closed) {
		log_error("event=key_file_not_written path=%s errno=%d", path, errno);
		unlink(path);
		rc = -1;
	}
	crypto_wipe(&r, sizeof r);
	return rc;
}

/* The keys after the change. NULL, or why it cannot be. */
const char *
ring_change(struct ring *r, enum keyring_change what)
{
	struct ring_key last = r->keys[r->len - 1];

	switch (what) {
	case KEYRING_PREPARE:
		if (r->len == RING_KEYS_MAX)
			return "holds as many keys as a key file can: retire the old ones first";
		r->keys[r->len++] = key_new();
		break;
	case KEYRING_PROMOTE:
		memmove(r->keys + 1, r->keys, (r->len - 1) * sizeof r->keys[0]);
		r->keys[0] = last;
		break;
	case KEYRING_RETIRE: r->len = 1; break;
	}
	crypto_wipe(&last, sizeof last);
	return NULL;
}

/* A rename lasts only once its folder is written. */
static int
folder_sync(const char *path)
{
	char *copy = xstrdup(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = -1;

	if (fd != -1) {
		rc = fsync(fd);
		(void)close(fd);
	}
	free(copy);
	return rc;
}

/* Puts the file `fresh` with these keys in the place of the one at `path`. 0, or -1 with errno. */
static int
file_swap(const char *path, const char *fresh, const struct ring *r)
{
	struct stat st;
	int fd, rc = -1;

	if (stat(path, &st) == -1 || (unlink(fresh) == -1 && errno != ENOENT))
		return -1;
	fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd == -1)
		return -1;
	if (fchown(fd, st.st_uid, st.st_gid) == 0 && fchmod(fd, st.st_mode & 07777) == 0)
		rc = write_ring(fd, r);
	if (close(fd) == -1)
		rc = -1;
	if (rc == 0)
		rc = rename(fresh, path);
	if (rc == 0)
		rc = folder_sync(path);
	return rc;
}

int
ring_replace(const char *path, const struct ring *r)
{
	struct buf fresh;
	int rc, error;

	buf_init(&fresh, strlen(path) + 8);
	buf_printf(&fresh, "%s.new", path);
	rc = file_swap(path, buf_str(&fresh), r);
	error = errno;
	if (rc == -1)
		(void)unlink(buf_str(&fresh));
	errno = error;
	buf_free(&fresh);
	return rc;
}
