#include "core/engine.h"

#include "core/base/limits.h"

#define COMMAND_BLOCK_BYTES KIB(4)
/* the tree of the largest body, and the largest answer, fit many times over */
#define COMMAND_BYTES_MAX (64 * MIB(1))

struct command *command_new(struct id board, const struct actor *actor)
{
    struct command *c = MEM_NEW(struct command);
    c->board = board;
    c->actor = *actor;
    c->base = UINT64_MAX;
    arena_init(&c->arena, COMMAND_BLOCK_BYTES, COMMAND_BYTES_MAX);
    return c;
}

struct command *command_free(struct command *c)
{
    if (c == NULL) return NULL;
    ops_fini(c->ops, c->op_count);
    arena_fini(&c->arena);
    return mem_free(c);
}

enum err command_decode(
        struct command *c, struct slice ops_json, bool internal, struct fault *fault)
{
    json_t *ops;
    CHECK(c->ops == NULL);
    /* The tree borrows nothing, but raw ops do live as long as the command. */
    enum err err = json_read(&c->arena, ops_json, &ops, fault);
    if (err) return err;
    return ops_decode(&c->arena, ops, internal, &c->ops, &c->op_count, fault);
}
