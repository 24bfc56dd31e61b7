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

bool op_on_directory(enum op_name name)
{
    enum kind kind = op_info(name)->kind;
    return kind != KIND_NONE && kind_info(kind)->home == HOME_DIRECTORY;
}

/* A text that is changed back, and one that would be deleted with its card. */
static void revert_needs(const struct event *e,
        void (*need)(void *context, struct id id, enum field field), void *context)
{
    for (uint32_t i = 0; i < e->effect_count; i++) {
        const struct effect *fx = &e->effects[i];
        if (fx->form == EFFECT_TXT) need(context, fx->ids[0], fx->field);
        if (fx->form == EFFECT_ADD && fx->kind == KIND_CARD)
            need(context, fx->ids[0], F_CARD_DESC);
    }
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
    else if (op->name == OP_CARD_TRANSFER)
        for (uint32_t i = 0; i < op->id_count; i++)
            need(context, op->ids[i], F_CARD_DESC);
    else if (op->name == OP_CARD_COPY)
        need(context, op->element, F_CARD_DESC);
    else if (op->name == OP_BOARD_DELETE)
        need(context, op->id, F_BOARD_DESC);
    else if (op->name == OP_REVERT)
        revert_needs(op->record, need, context);
}

void ops_fini(struct op *ops, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < ops[i].set_count; k++)
            value_fini(&ops[i].sets[k].values[0]);
        ops[i].set_count = 0;
        if (ops[i].record != NULL) event_fini(ops[i].record);
        if (ops[i].replaced != NULL) event_fini(ops[i].replaced);
        ops[i].record = ops[i].replaced = NULL;
    }
}
