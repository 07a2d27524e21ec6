/* Cursors of lists: sealed, so that nobody reads from or writes into them. */
#include "app/api/cursor.h"

#include <string.h>

#include "app/http/call.h"
#include "app/http/query.h"
#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/crypto.h"
#include "lib/keyring.h"
#include "lib/url.h"

#define LABEL "lists.cursor"
#define TITLE_BYTES_MAX 512 /* 100 characters */
#define LINK_MAX 32768
#define FIRST_MAX 1000 /* web servers have little room for headers */

/* What is sealed; the title follows. */
struct cursor_head {
	unsigned char list[SHA256_SIZE];
	struct uuid id;
	int64_t state, time_us;
};

#define PLAIN_MAX (sizeof(struct cursor_head) + TITLE_BYTES_MAX)

/* Calls `each` for every given parameter of the list; but for those that say which page or order.
 */
static void
each_filter(const struct call *c,
    void (*each)(const struct call *c, struct buf *b, const char *name, const char *value),
    struct buf *b)
{
	static const char *const others[] = { "cursor", "limit", "offset", "sort" };

	for (const char *p = c->query; *p != '\0'; p += strspn(p, " ")) {
		size_t len = strcspn(p, " "), i = 0;
		const char *name = arena_strndup(c->mem, p, len), *value = call_query(c, name);

		p += len;
		while (i < sizeof(others) / sizeof(others[0]) && strcmp(name, others[i]) != 0)
			i++;
		if (i == sizeof(others) / sizeof(others[0]) && value != NULL && value[0] != '\0')
			each(c, b, name, value);
	}
}

static void
add_hashed(const struct call *c, struct buf *b, const char *name, const char *value)
{
	(void)c;
	(void)buf_printf(b, "%s=%zu:%s ", name, strlen(value), value);
}

/* What makes a list the same: route, order and filters as they were given, in any succession. */
static void
hash_list(const struct call *c, const char *order, unsigned char out[SHA256_SIZE])
{
	struct buf b;

	buf_init(&b, LINK_MAX);
	(void)buf_printf(&b, "%s %s ", c->route, order != NULL ? order : "");
	each_filter(c, add_hashed, &b);
	crypto_sha256(buf_str(&b), b.len, out);
	buf_free(&b);
}

/* NULL, or what is wrong with the cursor. */
static const char *
open_cursor(struct call *c, const char *order, const char *text, struct cursor *k)
{
	unsigned char sealed[PLAIN_MAX + KEYRING_OVERHEAD], plain[PLAIN_MAX], list[SHA256_SIZE];
	int len = crypto_base64_decode(text, true, sealed, sizeof(sealed));
	struct cursor_head head;

	if (len > 0)
		len = keyring_open(c->app->keys, LABEL, &c->who.project_id, sealed, (size_t)len,
		    plain, sizeof(plain));
	if (len < (int)sizeof(head))
		return "is not a cursor of this project; take it from the Link header, or begin "
		       "again without one";
	memcpy(&head, plain, sizeof(head));
	hash_list(c, order, list);
	if (!crypto_equal(list, sizeof(list), head.list, sizeof(head.list)))
		return "belongs to another list; send the filters and the sort with which it came";
	*k = (struct cursor){ .given = true,
		.id = head.id,
		.state = head.state,
		.time_us = head.time_us,
		.title = arena_strndup(
		    c->mem, (const char *)plain + sizeof(head), (size_t)len - sizeof(head)) };
	return NULL;
}

void
cursor_read(struct call *c, const char *order, struct cursor *k, struct problem *why)
{
	const char *text = call_query(c, "cursor"), *offset, *fault;

	memset(k, 0, sizeof(*k));
	if (text == NULL || text[0] == '\0')
		return;
	offset = query_declares(c->query, "offset") ? call_query(c, "offset") : NULL;
	if ((fault = open_cursor(c, order, text, k)) != NULL)
		problem_query(why, c->mem, "cursor", fault);
	else if (offset != NULL && offset[0] != '\0' && strcmp(offset, "0") != 0)
		problem_query(why, c->mem, "offset", "must not be sent with a cursor");
}

const char *
cursor_text(struct call *c, const char *order, const struct cursor *k)
{
	struct cursor_head head = { .id = k->id, .state = k->state, .time_us = k->time_us };
	size_t title = strnlen(k->title, TITLE_BYTES_MAX), len = sizeof(head) + title;
	unsigned char plain[PLAIN_MAX], sealed[PLAIN_MAX + KEYRING_OVERHEAD];
	char *out = arena_alloc(c->mem, CRYPTO_BASE64_SIZE(len + KEYRING_OVERHEAD));

	hash_list(c, order, head.list);
	memcpy(plain, &head, sizeof(head));
	memcpy(plain + sizeof(head), k->title, title);
	len = keyring_seal(c->app->keys, LABEL, &c->who.project_id, plain, len, sealed);
	return crypto_base64url(sealed, len, out);
}

static void
add_linked(const struct call *c, struct buf *b, const char *name, const char *value)
{
	(void)buf_printf(b, "&%s=%s", name, url_encode(value, c->mem));
}

const char *
cursor_link(struct call *c, const char *order, const struct cursor *next)
{
	const char *limit = call_query(c, "limit"), *out;
	struct buf b;

	buf_init(&b, LINK_MAX);
	if (order != NULL)
		add_linked(c, &b, "sort", order);
	each_filter(c, add_linked, &b);
	if (limit != NULL && limit[0] != '\0')
		add_linked(c, &b, "limit", limit);
	else if (b.len == 0)
		add_linked(c, &b, "limit", "50");
	out = arena_printf(
	    c->mem, "<?%s&cursor=%s>; rel=\"next\"", buf_str(&b) + 1, cursor_text(c, order, next));
	if (b.len < FIRST_MAX)
		out = arena_printf(c->mem, "<?%s>; rel=\"first\", %s", buf_str(&b) + 1, out);
	buf_free(&b);
	return out;
}
