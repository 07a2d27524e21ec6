/* Refuses what a handler would not read: it was meant to say something. */
#include "app/http/query.h"

#include <stddef.h>
#include <string.h>

#include "app/http/req.h"
#include "lib/arena.h"
#include "lib/nearest.h"
#include "lib/problem.h"
#include "lib/utf8.h"

#define NAMES_MAX 32
#define NAME_SHOWN_BYTES 64

/* The declared names but "*", NULL-ended. */
static void
split_names(const char *declared, const char *names[NAMES_MAX + 1], struct arena *mem)
{
	size_t n = 0, len;

	for (; *declared != '\0' && n < NAMES_MAX; declared += len) {
		declared += strspn(declared, " ");
		len = strcspn(declared, " ");
		if (len > 0 && *declared != '*')
			names[n++] = arena_strndup(mem, declared, len - (declared[len - 1] == '+'));
	}
	names[n] = NULL;
}

/* Where the name is among the declared ones, or NULL. */
static const char *
declaration_find(const char *declared, const char *name)
{
	size_t len = strlen(name), n;

	for (; *declared != '\0'; declared += n) {
		declared += strspn(declared, " ");
		n = strcspn(declared, " +");
		if (n == len && len > 0 && strncmp(declared, name, len) == 0)
			return declared;
		n += declared[n] == '+';
	}
	return NULL;
}

bool
query_declares(const char *declared, const char *name)
{
	return declaration_find(declared, name) != NULL;
}

static bool
may_repeat(const char *declared, const char *name)
{
	const char *found = declaration_find(declared, name);

	return found != NULL && found[strlen(name)] == '+';
}

static const char *
unknown_reason(const char *name, const char *declared, struct arena *mem)
{
	const char *names[NAMES_MAX + 1], *near, *all = "";

	split_names(declared, names, mem);
	if (names[0] == NULL)
		return "unknown parameter: none is taken here";
	near = nearest_name(name, names);
	if (near != NULL)
		return arena_printf(mem, "unknown parameter; did you mean %s?", near);
	for (size_t i = 0; names[i] != NULL; i++)
		all = arena_printf(mem, "%s%s%s", all, i > 0 ? ", " : "", names[i]);
	return arena_printf(mem, "unknown parameter; known are %s", all);
}

static bool
given_before(const struct req *r, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(r->query[k].name, r->query[i].name) == 0)
			return true;
	return false;
}

void
query_check(const struct req *r, const char *declared, struct arena *mem, struct problem *why)
{
	bool loose = query_declares(declared, "*");
	bool reading = strcmp(r->method, "GET") == 0 || strcmp(r->method, "HEAD") == 0;

	for (size_t i = 0; i < r->query_len; i++) {
		const char *name = r->query[i].name, *shown;
		bool ours = strcmp(name, "*") != 0 && query_declares(declared, name);

		if ((ours && (!given_before(r, i) || may_repeat(declared, name))) ||
		    (!ours && (loose || (reading && strcmp(name, "_") == 0))))
			continue;
		shown = arena_strndup(mem, name, utf8_cut(name, strlen(name), NAME_SHOWN_BYTES));
		problem_query(
		    why, mem, shown, ours ? "is given twice" : unknown_reason(name, declared, mem));
	}
}
