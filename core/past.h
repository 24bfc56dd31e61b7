/* past.h - the objects that a walk back through the log has to name, as they were where it stands.
 *
 * An object is read when it is first asked for: whatever was taken back until then did not touch
 * it, so what is stored now is what it was. From there on every effect that is taken back changes
 * it here too. Other than un-apply on a whole board this forgives: what a walk for one card leaves
 * out is simply not known here. Reader thread, within one view. */
#ifndef TAVLA_CORE_PAST_H
#define TAVLA_CORE_PAST_H

#include "core/effect.h"
#include "core/view.h"

struct past_object;

struct past {
    struct board_view *bv;
    struct id card; /* the only card whose past is wanted; none: all of them */
    struct past_object *objects;
    struct board *texts; /* holds documents, nothing else */
};

void past_init(struct past *p, struct board_view *bv, struct id card);
void past_fini(struct past *p);
/* NULL: it was not there, or nothing is known of it. Borrowed until the next effect is taken
 * back. */
struct object *past_get(struct past *p, enum kind kind, struct id id);
struct slice past_text(struct past *p, struct id id, enum field field);
/* An effect decoded with its `old`: takes values out of it. */
enum err past_take_back(struct past *p, struct effect *fx, struct arena *a);

#endif
