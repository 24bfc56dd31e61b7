/* vectors.h - cases shared with the browser client: files of tests/vectors, and the form in which
 * both sides compare what they came to. After cmocka.h. */
#ifndef TAVLA_TESTS_UNIT_CORE_VECTORS_H
#define TAVLA_TESTS_UNIT_CORE_VECTORS_H

#include <stdio.h>

#include "core/base/json.h"
#include "core/base/json_write.h"
#include "core/base/limits.h"

#define VECTORS_BYTES_MAX       MIB(1)
#define VECTORS_ARENA_BYTES_MAX MIB(64)

/* The tree of tests/vectors/NAME, in the arena; fails the test when there is none. */
static inline const json_t *vectors_read(struct arena *a, const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "tests/vectors/%s", name); /* tests run in the project's root */
    FILE *file = fopen(path, "rb");
    if (file == NULL) fail_msg("no file %s", path);
    char *text = arena_alloc(a, VECTORS_BYTES_MAX);
    size_t len = fread(text, 1, VECTORS_BYTES_MAX, file);
    assert_true(len < VECTORS_BYTES_MAX);
    fclose(file);
    struct fault fault = {0};
    json_t *tree;
    if (json_read(a, slice_of(text, len), &tree, &fault) != ERR_OK)
        fail_msg("%s: %s", path, fault.wrong);
    return tree;
}

/* Keys sorted on every level. In the arena. */
static inline struct slice vectors_canonical(struct arena *a, const json_t *tree)
{
    struct buf text;
    buf_init(&text, VECTORS_BYTES_MAX);
    struct json_out j = json_out(&text);
    json_tree(&j, tree);
    assert_true(buf_ok(&text));
    struct slice copy = arena_dup(a, buf_slice(&text));
    buf_fini(&text);
    return copy;
}

#endif
