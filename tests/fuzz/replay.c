/* Runs a fuzz target on the given files and the files of given folders, and on every prefix of
 * each: makes a corpus a regression test without a fuzzer. Blocks have exactly the right size, for
 * ASan.
 */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "lib/buf.h"
#include "tests/fuzz/fuzz.h"

#define FILE_MAX (1024 * 1024)
#define PREFIXES_MAX 4096

static void
feed(const char *data, size_t len)
{
	uint8_t *block = xmalloc(len);

	if (len > 0)
		memcpy(block, data, len);
	LLVMFuzzerTestOneInput(block, len);
	free(block);
}

static int
replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	char part[4096];
	struct buf b;
	size_t n;
	bool bad;

	if (file == NULL) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	buf_init(&b, FILE_MAX);
	while ((n = fread(part, 1, sizeof part, file)) > 0)
		buf_add(&b, part, n);
	bad = ferror(file) || b.overflow;
	fclose(file);
	if (bad)
		fprintf(stderr, "%s: unreadable or too large\n", path);
	for (size_t len = 0; !bad && len < b.len && len < PREFIXES_MAX; len++)
		feed(b.data, len);
	if (!bad)
		feed(b.data, b.len);
	buf_free(&b);
	return bad ? -1 : 0;
}

/* Returns the number of files replayed, or -1. */
static int
replay_folder(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int files = 0;

	if (dir == NULL) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	while (files != -1 && (entry = readdir(dir)) != NULL) {
		char *name;

		if (entry->d_name[0] == '.')
			continue;
		name = xasprintf("%s/%s", path, entry->d_name);
		files = replay_file(name) == 0 ? files + 1 : -1;
		free(name);
	}
	closedir(dir);
	return files;
}

int
main(int argc, char **argv)
{
	int files = 0;

	for (int i = 1; i < argc; i++) {
		struct stat st;
		int n;

		if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
			n = replay_folder(argv[i]);
		else
			n = replay_file(argv[i]) == 0 ? 1 : -1;
		if (n == -1)
			return 1;
		files += n;
	}
	printf("# %d files\n", files);
	return files == 0;
}
