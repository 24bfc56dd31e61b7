/* fuzz_json.c - json_read never crashes; what it accepts, json_tree writes, and that reads back as
 * the same text. */
#include <stdlib.h>

#include "core/base/check.h"
#include "core/base/json.h"
#include "core/base/json_write.h"
#include "core/base/utf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_tree(const json_t *tree, struct buf *out)
{
    struct json_out j = json_out(out);
    buf_clear(out);
    json_tree(&j, tree);
    CHECK(buf_ok(out));
    CHECK(utf_valid(buf_slice(out)));
}

static void check_fault(const struct fault *fault)
{
    struct buf out;
    buf_init(&out, 4096);
    fault_json(fault, &out);
    CHECK(buf_ok(&out) && utf_valid(buf_slice(&out)));
    CHECK(fault->wrong[0] != '\0');
    buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool started;
    struct arena arena;
    struct buf first, second;
    struct fault fault;
    json_t *tree, *again;
    if (!started) json_start();
    started = true;
    if (size > 65536) return 0; /* longer texts find nothing that short ones do not */
    arena_init(&arena, 4096, size % 7 == 0 ? 2048 : 64 << 20);
    buf_init(&first, 8 << 20);
    buf_init(&second, 8 << 20);
    enum err err = json_read(&arena, slice_of(data, size), &tree, &fault);
    if (err == ERR_OK) {
        write_tree(tree, &first);
        arena_reset(&arena);
        err = json_read(&arena, buf_slice(&first), &again, &fault);
        /* Canonical numbers may be longer than the text they came from, so a small arena may not
         * hold the second. */
        CHECK(err == ERR_OK || (err == ERR_TOO_LARGE && arena.bytes_max == 2048));
        if (err == ERR_OK) {
            write_tree(again, &second);
            CHECK(slice_eq(buf_slice(&first), buf_slice(&second)));
        }
    } else {
        check_fault(&fault);
    }
    buf_fini(&second);
    buf_fini(&first);
    arena_fini(&arena);
    return 0;
}
