/* fuzz_json_split.c - whatever bytes come, cut anywhere, the splitter tells the same story as for
 * the whole.
 *
 * The first byte picks the size of the pieces; the rest is the text. An element it hands over is
 * also read with json_read, which must not crash on it. */
#include <stdio.h>
#include <stdlib.h>

#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/base/json.h"
#include "core/base/json_split.h"

/* A running digest of what was handed over, plus the verdict. */
struct story {
    struct hash128 told;
    uint64_t elements;
    enum err err;
    struct fault fault;
};

static enum err tell(void *context, struct slice key, size_t index, struct slice json)
{
    struct story *story = context;
    json_t *tree;
    struct arena arena;
    story->told = hash_chain(story->told, key, slice_of(&index, sizeof(index)));
    story->told = hash_chain(story->told, SLICE(""), json);
    story->elements++;
    CHECK(json.len > 0 && json.len <= 256);
    arena_init(&arena, 4096, 1 << 20);
    enum err err = json_read(&arena, json, &tree, NULL);
    CHECK(err == ERR_OK || err == ERR_INVALID || err == ERR_TOO_LARGE);
    arena_fini(&arena);
    return ERR_OK;
}

static void tell_in_pieces(struct slice text, size_t piece, struct story *story)
{
    const struct json_split_limits limits = {.element_bytes_max = 256, .depth_max = 8};
    struct json_split *s = json_split_new(limits, tell, story);
    while (text.len > 0) {
        /* A copy of its own size, so that a sanitizer sees a read past the piece. */
        struct slice head = slice_head(text, piece);
        char *copy = malloc(head.len);
        CHECK(copy != NULL);
        memcpy(copy, head.ptr, head.len);
        json_split_feed(s, slice_of(copy, head.len), NULL);
        free(copy);
        text = slice_from(text, head.len);
    }
    story->err = json_split_end(s, &story->fault);
    json_split_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool started;
    struct story whole = {.err = ERR_OK}, cut = {.err = ERR_OK};
    if (!started) json_start();
    started = true;
    if (size == 0) return 0;
    struct slice text = slice_of(data + 1, size - 1);
    tell_in_pieces(text, SIZE_MAX, &whole);
    tell_in_pieces(text, (size_t)data[0] % 16 + 1, &cut);
    CHECK(whole.err == cut.err);
    CHECK(whole.elements == cut.elements);
    CHECK(memcmp(&whole.told, &cut.told, sizeof(whole.told)) == 0);
    CHECK(strcmp(whole.fault.wrong, cut.fault.wrong) == 0);
    return 0;
}
