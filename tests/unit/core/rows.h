/* rows.h - rows of ops with what becomes of each: what is refused says why and leaves no trace. Ops
 * are written with ' for ". */
#ifndef TAVLA_TEST_ROWS_H
#define TAVLA_TEST_ROWS_H

#include "tests/unit/core/engine_fixture.h"

#define LIST1 "100000000000000000000000"
#define LIST2 "200000000000000000000000"
#define LABEL "300000000000000000000000"
#define CARD  "400000000000000000000000"
#define CARD2 "410000000000000000000000"
#define NONE  "999999999999999999999999"
#define ADA   "650100000000000000000000"
#define BOB   "650200000000000000000000"
#define EVE   "650300000000000000000000"
#define HASH  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define BOARD "010000000000000000000000"

enum who { ADA_DOES, BOB_DOES, SYSTEM_DOES };

struct row {
    enum who who;
    enum err err;    /* ERR_OK: accepted */
    const char *ops; /* with ' for " */
};

static const struct id nobody;

static inline struct id who_is(enum who who)
{
    return who == ADA_DOES ? ada : who == BOB_DOES ? bob : nobody;
}

static inline const char *quoted(const char *text)
{
    static char out[8192];
    size_t len = strlen(text);
    assert_true(len < sizeof out);
    for (size_t i = 0; i <= len; i++)
        out[i] = text[i] == '\'' ? '"' : text[i];
    return out;
}

static inline char *state_text(struct fixture *f)
{
    struct buf text;
    buf_init(&text, MIB(4));
    board_write(engine_board(f->engine, board_id), &text);
    buf_add_char(&text, '\0');
    assert_true(buf_ok(&text));
    return text.ptr;
}

static inline void row_run(struct fixture *f, const struct row *row)
{
    char *before = state_text(f);
    struct command *c = run(f, who_is(row->who), quoted(row->ops));
    enum err err = c->verdict == VERDICT_ACCEPTED ? ERR_OK : c->fault.err;
    if (err != row->err)
        fail_msg("%s\n  is %s, not %s: %s %s", row->ops, err_name(err), err_name(row->err),
                c->fault.field, c->fault.wrong);
    if (err != ERR_OK) {
        char *after = state_text(f);
        assert_string_equal(after, before);
        mem_free(after);
    }
    mem_free(before);
}

#define ROWS_RUN(f, rows)                                                                          \
    for (size_t i_ = 0; i_ < ARRAY_COUNT(rows); i_++)                                              \
    row_run(f, &rows[i_])

/* -- the directory */

static inline enum err directory_run_at(
        struct fixture *f, struct actor actor, const char *ops, int64_t now_ms)
{
    struct command *c = command_new(DIRECTORY_ID, &actor);
    forget(f);
    struct fault fault = {0};
    if (command_decode(c, slice_cstr(quoted(ops)), true, &fault) != ERR_OK)
        fail_msg("%s: %s %s", ops, fault.field, fault.wrong);
    engine_submit(f->engine, c, now_ms);
    for (int i = 0; i < 3; i++)
        engine_turn(f->engine, now_ms);
    assert_int_equal(f->answer_count, 1);
    c = f->answers[0];
    return c->verdict == VERDICT_ACCEPTED ? ERR_OK : c->fault.err;
}

static inline enum err directory_run_as(struct fixture *f, struct actor actor, const char *ops)
{
    return directory_run_at(f, actor, ops, NOW);
}

static inline enum err directory_run(struct fixture *f, const char *ops)
{
    return directory_run_as(f, (struct actor){.system = true}, ops);
}

#endif
