/* `pintempo config ...`: checks the configuration and prints the settings in force. */
#include "ctl/settings.h"

#include <stdio.h>
#include <unistd.h>

#include "ctl/ctl.h"

int
settings_check(struct ctl *c, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (access(c->conf->key_file, F_OK) != 0)
		printf(
		    "note: %s does not exist yet; `pintempo init` creates it\n", c->conf->key_file);
	if (c->conf->upstream[ENV_PRODUCTION].base_url == NULL)
		puts("note: [production] base_url is not set; production projects cannot publish");
	if (c->conf->upstream[ENV_SANDBOX].base_url == NULL)
		puts("note: [sandbox] base_url is not set; sandbox projects cannot publish");
	printf("%s is good\n", c->conf_path);
	return CTL_OK;
}

int
settings_print(struct ctl *c, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	conf_print(c->conf, stdout);
	return CTL_OK;
}
