#ifndef APP_SANDBOX_CREATE_H
#define APP_SANDBOX_CREATE_H

struct call;

/* POST /pins: never deduplicates; the pin and its ledger row are one transaction. */
void create_pin(struct call *c);
/* The ledger row of a POST /pins that made no pin; does nothing when the create is there already.
 */
void create_note(struct call *c);

#endif
