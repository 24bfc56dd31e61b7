/* scan.h - JSON as far as a stream's frames need it: an object's members as they stand.
 *
 * It trusts its input to be JSON without blanks, as the server writes it, and allocates nothing. */
#ifndef TAVLA_TESTS_SCAN_H
#define TAVLA_TESTS_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    const char *ptr;
    size_t len;
};

/* The next member of the object that *at is inside of, and *at behind it; false at its end. */
bool member_next(const char **at, const char *end, struct text *ret_key, struct text *ret_value);
const char *value_end(const char *at, const char *end); /* of the value that begins at `at` */
struct text message_get(struct text message, const char *name); /* empty: there is none */

bool text_is(struct text t, const char *what);      /* strings with their quotes */
uint64_t text_number(struct text t, unsigned base); /* quotes are passed over */

#endif
