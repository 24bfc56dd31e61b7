/* action_impl.h - what the parts of core/action_*.c share: the table from effects to actions. */
#ifndef TAVLA_CORE_ACTION_IMPL_H
#define TAVLA_CORE_ACTION_IMPL_H

#include "core/action.h"

struct action_rule {
    enum effect_form form;
    enum kind kind;
    enum field field; /* FIELD_COUNT: the form has none */
    struct slice type, type_off; /* type_off: a tag or a reference that is taken away */
};

/* NULL: it makes no action. moved: in an event that took cards to another board, or brought them
 * from there. */
const struct action_rule *action_rule_find(
        enum effect_form form, enum kind kind, enum field field, bool moved);
struct slice action_role_type(struct slice member_type); /* makeAdminOfBoard ... */

#endif
