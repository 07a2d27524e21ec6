/* Prints a configuration that can be loaded again: each setting's text with its allowed values. */
#include "lib/conf.h"

#include <string.h>

#include "lib/arena.h"
#include "lib/conf_table.h"

#define LINE_BYTES 150

/* Long lists continue on indented lines: inih reads no line over 200 bytes. */
static void
print_list(const char *text, FILE *out)
{
	size_t len, used = 0;

	while (*text != '\0') {
		len = strcspn(text, ",");
		if (used > 0 && used + len > LINE_BYTES) {
			fputs("\n\t", out);
			used = 0;
		} else if (used > 0) {
			fputc(',', out);
		}
		fwrite(text, 1, len, out);
		used += len + 1;
		text += len + (text[len] == ',');
	}
	fputc('\n', out);
}

static void
print_key(const struct conf_section *s, const struct conf_key *k, const char *raw,
    struct arena *mem, FILE *out)
{
	const char *def = conf_table_default(s, k);

	fprintf(out, "\n# %s.\n# Allowed: %s. %s%s.\n", k->doc, conf_table_allowed(k, mem),
	    k->required   ? "Required"
	    : def != NULL ? "Default: "
			  : "Unset by default",
	    def != NULL ? def : "");
	if (raw == NULL) {
		fprintf(out, "# %s =\n", k->name);
		return;
	}
	fprintf(out, "%s = ", k->name);
	if (k->type == CONF_LIST || k->type == CONF_URLS || k->type == CONF_ORIGINS ||
	    k->type == CONF_RULES || k->type == CONF_STEPS)
		print_list(raw, out);
	else
		fprintf(out, "%s\n", raw);
}

void
conf_print(const struct conf *c, FILE *out)
{
	const struct conf_store *s = (const struct conf_store *)c;
	struct arena *mem = arena_new();
	size_t si, ki;

	for (si = 0; si < CONF_SECTIONS; si++) {
		fprintf(out, "%s# %s\n[%s]\n", si > 0 ? "\n" : "", conf_table[si].doc,
		    conf_table[si].name);
		for (ki = 0; ki < conf_table[si].len; ki++)
			print_key(
			    &conf_table[si], &conf_table[si].keys[ki], s->raw[si][ki], mem, out);
	}
	arena_free(mem);
}
