/* cover.h - a card's cover: one of Trello's ten colours, or one of the card's own attachments.
 *
 * Kept as {"brightness","color","idAttachment","size"}, all four, so that equal covers are equal
 * texts; none at all is null. Pure; any thread. */
#ifndef TAVLA_CORE_COVER_H
#define TAVLA_CORE_COVER_H

#include "core/value.h"

struct cover {
    struct slice color;   /* empty: none; borrowed */
    struct id attachment; /* none: none */
    bool full, light;
};

/* What a client gave, as it is kept; what is none becomes null. Members that Trello's covers have
 * beside these are left out; a picture from elsewhere is refused. */
enum err cover_tidy(struct arena *scratch, struct value *cover, struct fault *fault);
/* Of an import a colour stays. A picture does not: attachments come behind their card. */
void cover_import(struct arena *scratch, struct value *cover);
/* Of what is kept; false, and an empty one: there is none. */
bool cover_read(const struct value *cover, struct cover *ret_cover);
struct value cover_value(const struct cover *cover);

#endif
