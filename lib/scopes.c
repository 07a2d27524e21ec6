/* Lists of Pinterest's OAuth scopes. */
#include "lib/scopes.h"

#include <string.h>

#include "lib/arena.h"
#include "lib/buf.h"

#define SEPARATORS ", \t\r\n+"
#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789_:.-"

/* Length of the next scope, with *at on its first byte; 0 at the end. */
static size_t
next_scope(const char **at)
{
	*at += strspn(*at, SEPARATORS);
	return strcspn(*at, SEPARATORS);
}

static bool
has_scope(const char *list, const char *scope, size_t len)
{
	size_t n;

	if (list == NULL)
		return false;
	for (; (n = next_scope(&list)) > 0; list += n)
		if (n == len && memcmp(list, scope, len) == 0)
			return true;
	return false;
}

static void
add_scope(struct buf *list, const char *scope, size_t len)
{
	if (list->len + len + 1 > SCOPES_LIST_MAX || has_scope(buf_str(list), scope, len))
		return;
	if (list->len > 0)
		(void)buf_putc(list, ',');
	(void)buf_add(list, scope, len);
}

static const char *
list_text(struct buf *list, struct arena *mem)
{
	const char *out = arena_strdup(mem, buf_str(list));

	buf_free(list);
	return out;
}

const char *
scopes_list(const char *text, struct arena *mem)
{
	struct buf list;
	size_t n;

	buf_init(&list, SCOPES_LIST_MAX);
	for (; text != NULL && (n = next_scope(&text)) > 0; text += n)
		if (strspn(text, NAME_LETTERS) >= n)
			add_scope(&list, text, n);
	return list_text(&list, mem);
}

const char *
scopes_missing(const char *wanted, const char *granted, struct arena *mem)
{
	struct buf list;
	size_t n;

	buf_init(&list, SCOPES_LIST_MAX);
	for (; (n = next_scope(&wanted)) > 0; wanted += n)
		if (!has_scope(granted, wanted, n))
			add_scope(&list, wanted, n);
	return list_text(&list, mem);
}

const char *
scopes_board_lacks(const char *privacy, const char *granted, struct arena *mem)
{
	bool secret = privacy != NULL && strcmp(privacy, "SECRET") == 0;

	return secret ? scopes_missing(SCOPES_SECRET, granted, mem) : "";
}

const char *
scopes_refused(const char *message, struct arena *mem)
{
	const char *at = strstr(message, "issing: [");
	struct buf list;
	size_t n;

	buf_init(&list, SCOPES_LIST_MAX);
	for (at = at != NULL ? strchr(at, '[') : ""; *at != '\0' && *at != ']'; at += n) {
		at += strspn(at, "['\", ");
		n = strspn(at, NAME_LETTERS);
		if (n == 0)
			break;
		add_scope(&list, at, n);
	}
	return list_text(&list, mem);
}

const char *
scopes_spaced(const char *list, struct arena *mem)
{
	const char *out = "";
	size_t n;

	for (; (n = next_scope(&list)) > 0; list += n)
		out = arena_printf(mem, "%s%s%.*s", out, *out != '\0' ? ", " : "", (int)n, list);
	return out;
}

const char *
scopes_remedy(const char *lacks, const char *asked, struct arena *mem)
{
	const char *unasked = scopes_missing(lacks, asked, mem);

	if (*unasked == '\0')
		return "Connect the Pinterest account again and grant them, or use a board that is "
		       "not secret.";
	return arena_printf(mem,
	    "Use a board that is not secret, or: the operator adds %s to `scopes` in the "
	    "configuration, and the account's owner connects it again.",
	    scopes_spaced(unasked, mem));
}

/* What cannot be done without the missing scopes, the worst first. */
static const char *
consequence(const struct scopes_grant *g, struct arena *mem)
{
	if (!g->publishes)
		return "no pin can be published";
	if (*scopes_missing(g->missing, SCOPES_SECRET, mem) == '\0')
		return "secret boards cannot be used";
	return "what needs them will not work";
}

/* Asked for, or needed to publish. */
static const char *
scopes_wanted(const char *asked, struct arena *mem)
{
	return scopes_list(
	    arena_printf(mem, "%s,%s", SCOPES_PUBLISH, asked != NULL ? asked : ""), mem);
}

void
scopes_examine(struct scopes_grant *g, const char *asked, const char *granted, struct arena *mem)
{
	g->granted = scopes_list(granted != NULL ? granted : asked, mem);
	g->missing = scopes_missing(scopes_wanted(asked, mem), g->granted, mem);
	g->publishes = *scopes_missing(SCOPES_PUBLISH, g->granted, mem) == '\0';
	g->message = NULL;
	if (*g->missing != '\0')
		g->message = arena_printf(mem,
		    "Permissions were not granted: %s. Without them %s. Connect again and grant "
		    "them.",
		    scopes_spaced(g->missing, mem), consequence(g, mem));
}

const char *
scopes_lost(const struct scopes_grant *g, const char *asked, const char *before, struct arena *mem)
{
	/* what is wanted, without what was missing before */
	const char *kept = scopes_wanted(asked, mem);
	const char *had = scopes_missing(kept, scopes_missing(kept, before, mem), mem);

	return scopes_missing(had, g->granted, mem);
}
