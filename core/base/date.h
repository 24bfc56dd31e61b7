/* date.h - ISO 8601 instants in UTC, as Trello writes them: 2026-11-20T09:15:00.000Z. No clock is
 * read here. */
#ifndef TAVLA_BASE_DATE_H
#define TAVLA_BASE_DATE_H

#include "core/base/slice.h"

#define DATE_TEXT 24

/* years 0000-9999; CHECKs the range */
void date_format(int64_t unix_ms, char ret_text[DATE_TEXT + 1]);
/* Accepts YYYY-MM-DD, and with Thh:mm[:ss[.fraction]] followed by Z, +hh:mm or nothing (UTC). False
 * otherwise. */
bool date_parse(struct slice text, int64_t *ret_unix_ms);

#endif
