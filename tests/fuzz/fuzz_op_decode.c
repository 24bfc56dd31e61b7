/* fuzz_op_decode.c - any JSON becomes ops or a refusal that names what was wrong and what was
 * expected; nothing leaks, nothing crashes.
 * Read twice: as a client's, and as the server's own, which may use every row of the table. */
#include "tests/fuzz/fuzz.h"

#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/op.h"

#define ARENA_BYTES_MAX ((size_t)256 << 20)

static void check_op(const struct op *op)
{
    CHECK((unsigned)op->name < OP_COUNT && op->name != OP_CARDS_CREATE);
    CHECK(IMPLIES(op->place.how == PLACE_NUMBER, op->place.number > 0));
    for (uint32_t i = 0; i < op->set_count; i++) {
        CHECK(field_info(op->sets[i].field)->kind == op->kind);
        CHECK(op->sets[i].count == 1);
    }
}

static void decode(struct slice text, bool internal)
{
    struct arena arena;
    struct fault fault = {0};
    struct op *ops;
    uint32_t count;
    json_t *tree;
    arena_init(&arena, 4096, ARENA_BYTES_MAX);
    if (json_read(&arena, text, &tree, &fault) == ERR_OK) {
        fault = (struct fault){0};
        enum err err = ops_decode(&arena, tree, internal, &ops, &count, &fault);
        if (err == ERR_OK) {
            CHECK(count > 0);
            for (uint32_t i = 0; i < count; i++)
                check_op(&ops[i]);
            ops_fini(ops, count);
        } else {
            CHECK(fault.err == err && fault.wrong[0] != '\0' && fault.expected[0] != '\0');
        }
    }
    arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool started;
    if (!started) json_start();
    started = true;
    if (size > OP_BYTES_MAX) return 0;
    decode(slice_of(data, size), false);
    decode(slice_of(data, size), true);
    return 0;
}
