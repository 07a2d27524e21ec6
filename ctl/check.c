/* Tells what the checks found. */
#include "ctl/check.h"

#include <stdio.h>

enum check_level { CHECK_WARN, CHECK_FAIL };

static const struct {
	enum check_level level;
	const char *fault, *fix;
} fault_texts[CHECK__COUNT] = {
#define FAULT(name, level, fault, fix) [CHECK_##name] = { CHECK_##level, fault, fix },
#include "ctl/check.def"
#undef FAULT
};

void
check_begin(struct checks *k, const char *subject, const char *note)
{
	if (k->subject != NULL && !k->told)
		printf("ok    %-18s  %s\n", k->subject, k->note);
	k->subject = subject;
	k->note = note;
	k->told = false;
}

void
check_fault(struct checks *k, enum check_fault fault, const char *detail)
{
	bool fail = fault_texts[fault].level == CHECK_FAIL;

	printf("%s  %-18s  %s: %s\n      fix: %s\n", fail ? "FAIL" : "warn", k->subject,
	    fault_texts[fault].fault, detail, fault_texts[fault].fix);
	k->told = true;
	k->faults += fail;
	k->warnings += !fail;
}
