/* custom_field.h - which types of custom fields there are, and which values fit them: always
 * strings, {"number":"3.5"}, as Trello's are. Pure; any thread. */
#ifndef TAVLA_CORE_CUSTOM_FIELD_H
#define TAVLA_CORE_CUSTOM_FIELD_H

#include "core/value.h"

bool custom_field_type_known(struct slice type); /* checkbox, date, list, number, text */
/* null fits all; a list has options instead of values. */
bool custom_field_value_fits(struct slice type, const struct value *value);

#endif
