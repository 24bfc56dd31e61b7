#include "net/api/first.h"

#include "core/base/json_write.h"
#include "core/base/log.h"
#include "core/op.h"
#include "net/api/demo.h"
#include "net/api/sign_in_link.h"

struct first { /* lives until `done` */
    struct shard *shard;
    struct id member;
    struct sign_in_link link;
    bool demo;
    void (*done)(struct server *server, enum err err);
};

static void first_end(struct first *f, enum err err)
{
    struct server *server = f->shard->server;
    void (*done)(struct server *, enum err) = f->done;
    mem_free(f);
    done(server, err);
}

/* One op of the directory, as the server itself. */
static void first_submit(struct first *f, const struct buf *ops,
        void (*done)(struct shard *, struct conn *, struct command *, void *))
{
    struct actor system = { .system = true };
    struct fault fault = { 0 };
    struct command *c = command_new(DIRECTORY_ID, &system);
    CHECK(buf_ok(ops));
    c->base = UINT64_MAX;
    CHECK(command_decode(c, buf_slice(ops), true, &fault) == ERR_OK);
    shard_submit(f->shard, c, &(struct origin){ .done = done, .data = f });
}

static enum err first_verdict(const struct command *c)
{
    if (c->verdict == VERDICT_ACCEPTED) return ERR_OK;
    if (c->verdict == VERDICT_REJECTED)
        log_error("first_start", "refused: %s %s", c->fault.field, c->fault.wrong);
    return c->verdict == VERDICT_REJECTED ? c->fault.err : ERR_UNKNOWN;
}

static void first_demo_done(enum err err, void *data)
{
    first_end(data, err);
}

static void first_linked(struct shard *s, struct conn *conn, struct command *c, void *data)
{
    struct first *f = data;
    enum err err = first_verdict(c);
    (void)conn;
    /* On purpose not through the log: it is a secret, said once to whoever started the server. */
    if (err == ERR_OK) {
        fprintf(stderr, "sign-in link %.*s/link/%s\n", SLICE_ARG(s->server->base_url),
                f->link.token);
    }
    if (err == ERR_OK && f->demo) demo_start(s, f->member, first_demo_done, f);
    else first_end(f, err);
}

static void first_link(struct first *f)
{
    struct buf ops;
    buf_init(&ops, KIB(1));
    struct json_out j = json_out(&ops);
    json_array_begin(&j);
    sign_in_link_make(&f->link, loop_wall_ms(f->shard->loop));
    sign_in_link_op(&f->link, f->member, (struct id){0}, &j);
    json_array_end(&j);
    first_submit(f, &ops, first_linked);
    buf_fini(&ops);
}

static void first_joined(struct shard *s, struct conn *conn, struct command *c, void *data)
{
    struct first *f = data;
    enum err err = first_verdict(c);
    (void)s, (void)conn;
    if (err != ERR_OK) {
        first_end(f, err);
    } else {
        first_link(f);
    }
}

void first_start(struct shard *s, bool demo, void (*done)(struct server *server, enum err err))
{
    struct first *f = MEM_NEW(struct first);
    uint64_t random;
    char id[ID_TEXT + 1];
    struct buf ops;
    f->shard = s;
    f->demo = demo;
    f->done = done;
    crypto_random(&random, sizeof random);
    f->member = id_make((uint32_t)(loop_wall_ms(s->loop) / 1000), random);
    id_format(f->member, id);
    buf_init(&ops, KIB(1));
    buf_add_format(&ops,
            "[{\"op\":\"dir.member\",\"id\":\"%s\",\"fullName\":\"Admin\",\"username\":\"admin\"}]",
            id);
    first_submit(f, &ops, first_joined);
    buf_fini(&ops);
}
