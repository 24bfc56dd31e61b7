#include "core/op.h"

static const struct op_info table[OP_COUNT] = {
#define X(name, wire, perm, kind) [OP_##name] = {{wire, sizeof(wire) - 1}, perm, KIND_##kind},
        OP_TABLE(X)
#undef X
};

const struct op_info *op_info(enum op_name name)
{
    CHECK((unsigned)name < OP_COUNT);
    return &table[name];
}

/* Everything whose resolution reads a document: text itself, and what must be able to bring it
 * back. */
void op_needs(const struct op *op, void (*need)(void *context, struct id id, enum field field),
        void *context)
{
    if (op->name == OP_TEXT || op->name == OP_TEXT_PUT)
        need(context, op->id, op->text_field);
    else if (op->name == OP_CARD_DELETE)
        need(context, op->id, F_CARD_DESC);
    else if (op->name == OP_BOARD_DELETE)
        need(context, op->id, F_BOARD_DESC);
}

void ops_fini(struct op *ops, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < ops[i].set_count; k++)
            value_fini(&ops[i].sets[k].values[0]);
        ops[i].set_count = 0;
    }
}
