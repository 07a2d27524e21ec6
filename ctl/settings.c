/* `pintempo config print`: prints the settings in force. */
#include "ctl/settings.h"

#include <stdio.h>

#include "ctl/ctl.h"

int
settings_print(struct ctl *c, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	conf_print(c->conf, stdout);
	return CTL_OK;
}
