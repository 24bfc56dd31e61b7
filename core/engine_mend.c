/* What programs before this one stored otherwise, made as it is now: as events, like any change, so
 * that whoever has the board already gets it, too. */
#include "core/badges.h"
#include "core/engine_room.h"

#define MEND_CARDS_MAX 500 /* in one event */

struct command *engine_mend(struct engine *e, struct id board)
{
    static const struct actor system = {.system = true};
    const struct board *b = engine_board(e, board);
    struct fault fault = {0};
    struct buf ops;
    uint32_t count = 0;
    if (b == NULL || b->count[KIND_FIELD_ITEM] == 0) return NULL;
    buf_init(&ops, MEND_CARDS_MAX * (ID_TEXT + 3) + 64);
    struct json_out j = json_out(&ops);
    BUF_ADD(&ops, "[{\"op\":\"cards.badges\",\"ids\":[");
    for (struct object *o = b->objects; o != NULL && count < MEND_CARDS_MAX; o = o->hh.next) {
        if (o->kind != KIND_CARD || !badges_fields_missing(b, o)) continue;
        json_id(&j, o->id);
        count++;
    }
    BUF_ADD(&ops, "]}]");
    struct command *c = NULL;
    if (count > 0) {
        c = command_new(board, &system);
        CHECK(command_decode(c, buf_slice(&ops), true, &fault) == ERR_OK);
    }
    buf_fini(&ops);
    return c;
}
