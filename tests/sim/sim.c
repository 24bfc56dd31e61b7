/* sim - runs seeds of the simulated world.
 *
 *     sim --seeds 300 --from 1      so many, counted up (else TAVLA_COUNT of them from TAVLA_SEED)
 *     sim --seeds 300 --from 6 --step 6 ..   every sixth: all of them with pages
 *     sim --seed 17 [-v]            one, saying what it did; -v: and every line to and from pages
 *     sim --pages static/test/pipe.mjs ..   every sixth seed has pages of the shipped client
 *
 * Each seed runs in a process of its own, so one that fails leaves the rest; --jobs N of them, or
 * as many as there are processors, run at once. Ends with `N passed, N failed`. */
#include "tests/sim/sim.h"

#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/shelf.h"

#ifdef TAVLA_COVERAGE
void __gcov_dump(void);
#else
#define __gcov_dump() ((void)0)
#endif

#define STORM_MS    2500
#define SETTLE_MS   20000
#define KNOCK_MS    5000
#define PAGES_EVERY 6 /* of so many seeds one has pages */
#define FAILED_MOST 10
#define JOBS_MAX    64

/* A seed that does not count is made up for by one so far from it that nobody counts up to it, and
 * that has pages if it had. */
#define SPARE_STEP (PAGES_EVERY * UINT64_C(1000000000))
#define SPARES     3

/* A seed with less traffic, or less that goes wrong, proves little: its storm goes on for a while,
 * and if that does not help it does not count. */
#define EVENTS_LEAST 200
#define FAULTS_LEAST 3
#define STORM_MORE   12 /* quarters of a second */

/* -- the heap of happenings */

static bool before(const struct happening *a, const struct happening *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

void world_at(struct world *w, int64_t in_ms,
        void (*run)(struct world *w, void *thing, uint64_t number), void *thing, uint64_t number)
{
    CHECK(in_ms >= 0);
    if (w->heap_count == w->heap_cap) {
        w->heap_cap = w->heap_cap == 0 ? 256 : w->heap_cap * 2;
        w->heap = mem_resize(w->heap, w->heap_cap * sizeof *w->heap);
    }
    size_t at = w->heap_count++;
    struct happening fresh = {w->now + in_ms, w->order++, run, thing, number};
    while (at > 0 && before(&fresh, &w->heap[(at - 1) / 2])) {
        w->heap[at] = w->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    w->heap[at] = fresh;
}

static struct happening next_happening(struct world *w)
{
    struct happening first = w->heap[0], last = w->heap[--w->heap_count];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= w->heap_count) break;
        if (child + 1 < w->heap_count && before(&w->heap[child + 1], &w->heap[child])) child++;
        if (!before(&w->heap[child], &last)) break;
        w->heap[at] = w->heap[child];
        at = child;
    }
    w->heap[at] = last;
    return first;
}

/* -- the network: what arrives on a connection that is gone is lost */

/* Whether the message gets there, on a connection that is still its own. */
static bool arrives(struct world *w, struct client_sim *c, struct message *m)
{
    bool cut = m->generation == c->generation && !w->calm && rng_below(&w->rng, 400) == 0;
    if (m->generation == c->generation && !cut) return true;
    message_free(m);
    if (cut) conn_close(w, c);
    return false;
}

void world_deliver_up(struct world *w, void *thing, uint64_t number)
{
    struct message *m = thing;
    struct client_sim *c = &w->clients[m->client];
    (void)number;
    if (arrives(w, c, m)) server_message(w, c, m);
}

void world_deliver_down(struct world *w, void *thing, uint64_t number)
{
    struct message *m = thing;
    struct client_sim *c = &w->clients[m->client];
    (void)number;
    if (arrives(w, c, m)) client_message(w, c, m);
}

static void crash(struct world *w, void *thing, uint64_t number)
{
    (void)thing;
    (void)number;
    if (w->calm) return;
    server_crash(w);
    world_at(w, 300 + (int64_t)rng_below(&w->rng, 1500), crash, NULL, 0);
}

/* Somebody stars a board, or watches something: the directory is written while boards are. */
static void shelve(struct world *w, void *thing, uint64_t number)
{
    struct id member = w->members[rng_below(&w->rng, MEMBERS)];
    struct id board = w->boards[rng_below(&w->rng, BOARDS)];
    char text[512], shelf[ID_TEXT + 1], who[ID_TEXT + 1], where[ID_TEXT + 1];
    (void)thing;
    (void)number;
    if (w->calm) return;
    id_format(shelf_id(member, board), shelf);
    id_format(member, who);
    id_format(board, where);
    bool star = rng_chance(&w->rng, 50), on = rng_chance(&w->rng, 60);
    int len = snprintf(text, sizeof text,
            "[{\"op\":\"%s\",\"id\":\"%s\",\"idMember\":\"%s\",\"idBoard\":\"%s\",",
            star ? "dir.star" : "dir.watch", shelf, who, where);
    if (star)
        snprintf(text + len, sizeof text - (size_t)len, "\"star\":%s}]", on ? "65536" : "null");
    else
        snprintf(text + len, sizeof text - (size_t)len, "\"element\":\"%s\",\"on\":%s}]",
                rng_chance(&w->rng, 50) ? where : who, on ? "true" : "false");
    server_setup(w, DIRECTORY_ID, (struct actor){.system = true}, text);
    world_at(w, 50 + (int64_t)rng_below(&w->rng, 500), shelve, NULL, 0);
}

static void workspace_member(struct world *w, struct id member, bool comes)
{
    char text[256], id[ID_TEXT + 1], who[ID_TEXT + 1];
    id_format(w->organization, id);
    id_format(member, who);
    snprintf(text, sizeof text,
            "[{\"op\":\"organization.member%s\",\"id\":\"%s\",\"idMember\":\"%s\"%s}]",
            comes ? "Add" : "Remove", id, who, comes ? ",\"role\":\"normal\"" : "");
    server_setup(w, DIRECTORY_ID, (struct actor){.system = true}, text);
}

/* Somebody comes into the workspace, or leaves it. */
static void shift(struct world *w, void *thing, uint64_t number)
{
    uint64_t who = rng_chance(&w->rng, 50) ? MEMBERS - 1 : 1 + rng_below(&w->rng, MEMBERS - 1);
    (void)thing;
    (void)number;
    if (w->calm) return;
    workspace_member(w, w->members[who], rng_chance(&w->rng, 65));
    world_at(w, 20 + (int64_t)rng_below(&w->rng, 300), shift, NULL, 0);
}

/* -- one seed */

static void run_until(struct world *w, int64_t until)
{
    while (w->heap_count > 0 && w->heap[0].at <= until) {
        struct happening h = next_happening(w);
        CHECK(h.at >= w->now);
        w->now = h.at;
        if (h.run == NULL)
            server_turn(w);
        else
            h.run(w, h.thing, h.number);
        verify_step(w);
    }
    w->now = until;
}

static void setup(struct world *w)
{
    struct actor system = {.system = true}, creator = {0};
    char text[2048], id[ID_TEXT + 1];
    w->calm = true;
    for (size_t i = 0; i < MEMBERS; i++) {
        w->members[i] = id_make(1700000000u, rng_next(&w->rng));
        id_format(w->members[i], id);
        snprintf(text, sizeof text,
                "[{\"op\":\"dir.member\",\"id\":\"%s\",\"fullName\":\"Member %zu\"}]", id, i);
        server_setup(w, DIRECTORY_ID, system, text);
    }
    w->organization = id_make(1700000001u, rng_next(&w->rng));
    id_format(w->organization, id);
    snprintf(text, sizeof text,
            "[{\"op\":\"organization.create\",\"id\":\"%s\",\"displayName\":\"Crew\"}]", id);
    server_setup(w, DIRECTORY_ID, (struct actor){.member = w->members[0]}, text);
    for (size_t i = 1; i < MEMBERS; i++)
        workspace_member(w, w->members[i], true);
    run_until(w, w->now + 1000);
    for (size_t b = 0; b < BOARDS; b++) {
        w->boards[b] = id_make(1700000001u, rng_next(&w->rng));
        creator.member = w->members[b];
        server_setup(w, w->boards[b], creator,
                "[{\"op\":\"board.create\",\"name\":\"Board\",\"lists\":true}]");
        for (size_t i = 0; i < MEMBERS; i++) {
            if (i == b || i == MEMBERS - 1) continue; /* the last one comes by the workspace */
            id_format(w->members[i], id);
            snprintf(text, sizeof text,
                    "[{\"op\":\"member.add\",\"idMember\":\"%s\",\"role\":\"%s\"}]", id,
                    i < 2 ? "admin" : "normal");
            server_setup(w, w->boards[b], creator, text);
        }
        id_format(w->organization, id);
        snprintf(text, sizeof text,
                "[{\"op\":\"board.set\",\"idOrganization\":\"%s\",\"prefs\":"
                "{\"permissionLevel\":\"org\"}}]",
                id);
        server_setup(w, w->boards[b], system, text);
    }
    run_until(w, w->now + 1000);
    for (size_t i = 0; i < BOARDS; i++)
        if (!port_board(&w->port, w->boards[i])->exists) world_fail(w, "setup", "no board");
    w->calm = false;
}

static void world_free(struct world *w)
{
    for (size_t i = 0; i < CLIENTS; i++)
        model_fini(&w->clients[i].model);
    engine_free(w->engine);
    port_fini(&w->port);
    for (size_t i = 0; i < w->ledger_count; i++)
        mem_free(w->ledger[i].ops);
    mem_free(w->ledger);
    mem_free(w->heap);
    mem_free(w);
}

/* Has this seed's world pages of the shipped client? */
static bool has_pages(uint64_t seed)
{
    return seed % PAGES_EVERY == 0 && pipe_running();
}

/* What a server or a network did to people, not what they did to each other. */
static uint64_t faults(const struct counts *c)
{
    return c->voids + c->refusals + c->exists + c->unknowns + c->crashes + c->cuts;
}

static bool counts(const struct counts *c)
{
    return c->events >= EVENTS_LEAST && faults(c) >= FAULTS_LEAST;
}

static struct counts run_seed(uint64_t seed)
{
    struct world *w = MEM_NEW(struct world);
    w->seed = seed;
    w->now = 1700000000000;
    rng_init(&w->rng, seed);
    server_start(w);
    setup(w);
    if (has_pages(seed)) pages_choose(w);
    for (size_t i = 0; i < CLIENTS; i++)
        client_start(w, i);
    world_at(w, 300 + (int64_t)rng_below(&w->rng, 1500), crash, NULL, 0);
    world_at(w, (int64_t)rng_below(&w->rng, 500), shelve, NULL, 0);
    world_at(w, (int64_t)rng_below(&w->rng, 500), shift, NULL, 0);
    run_until(w, w->now + STORM_MS);
    for (int more = 0; more < STORM_MORE && !counts(&w->counts); more++)
        run_until(w, w->now + 250);
    w->calm = true;
    for (size_t i = 0; i < CLIENTS; i++)
        if (w->pages[i].used)
            world_at(w, (int64_t)rng_below(&w->rng, 2000), page_calm, &w->pages[i], 0);
    run_until(w, w->now + SETTLE_MS);
    w->ended = true;
    run_until(w, w->now + KNOCK_MS);
    verify_end(w);
    struct counts total = w->counts;
    world_free(w);
    return total;
}

static void say(uint64_t seed, const struct counts *c)
{
    printf("seed %llu: %llu events, %llu faults, %llu answers (%llu accepted, %llu dup, %llu rej, "
           "%llu "
           "unknown), %llu void, %llu refused, %llu id taken, "
           "%llu unknown, %llu crashes, %llu cuts, %llu barriers, "
           "%llu visits, %llu pauses, %llu loads, %llu "
           "texts, %llu merged, %llu ow, %llu drafts, %llu taken back, %llu moved between boards",
            (unsigned long long)seed, (unsigned long long)c->events, (unsigned long long)faults(c),
            (unsigned long long)c->answers, (unsigned long long)c->accepted,
            (unsigned long long)c->duplicates, (unsigned long long)c->rejected,
            (unsigned long long)c->unknown, (unsigned long long)c->voids,
            (unsigned long long)c->refusals, (unsigned long long)c->exists,
            (unsigned long long)c->unknowns, (unsigned long long)c->crashes,
            (unsigned long long)c->cuts, (unsigned long long)c->barriers,
            (unsigned long long)c->visits,
            (unsigned long long)c->pauses, (unsigned long long)c->loads,
            (unsigned long long)c->texts, (unsigned long long)c->merged,
            (unsigned long long)c->overwrites, (unsigned long long)c->drafts,
            (unsigned long long)c->reverts, (unsigned long long)c->transfers);
    if (c->pages > 0)
        printf("; %llu pages, %llu reloads, %llu sockets, %llu lags, %llu states, %llu cards' "
               "parts, %llu moves to the other board and %llu back, %llu lines (%llx)",
                (unsigned long long)c->pages, (unsigned long long)c->reloads,
                (unsigned long long)c->sockets, (unsigned long long)c->lags,
                (unsigned long long)c->states, (unsigned long long)c->parts,
                (unsigned long long)c->sent, (unsigned long long)c->returns,
                (unsigned long long)c->lines, (unsigned long long)c->traffic);
    printf("\n");
}

enum outcome { SEED_PASSED, SEED_QUIET, SEED_FAILED };

/* What came of many seeds; of numbers only, so that it can be added up. */
struct tally {
    uint64_t passed, failed, quiet, spared, skipped, shipped;
    struct counts counts;
};

static void tally_add(struct tally *to, const struct tally *more)
{
    uint64_t *sums = (uint64_t *)(void *)to;
    const uint64_t *add = (const uint64_t *)(const void *)more;
    for (size_t i = 0; i < sizeof *to / sizeof *add; i++)
        sums[i] += add[i];
}

static enum outcome fork_seed(uint64_t seed, struct counts *ret)
{
    int status, ends[2];
    fflush(stdout);
    CHECK(pipe2(ends, O_CLOEXEC) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        *ret = run_seed(seed);
        __gcov_dump();
        _exit(write(ends[1], ret, sizeof *ret) == (ssize_t)sizeof *ret ? 0 : 1);
    }
    close(ends[1]);
    bool told = read(ends[0], ret, sizeof *ret) == (ssize_t)sizeof *ret;
    close(ends[0]);
    CHECK(waitpid(child, &status, 0) == child);
    if (told && status == 0) return counts(ret) ? SEED_PASSED : SEED_QUIET;
    *ret = (struct counts){0};
    printf("seed %llu failed\n", (unsigned long long)seed);
    say_replay(seed);
    fflush(stdout);
    return SEED_FAILED;
}

static uint64_t number(const char *text, uint64_t otherwise)
{
    uint64_t value;
    return text != NULL && slice_to_u64(slice_cstr(text), &value) ? value : otherwise;
}

/* Its modules, where they run; else the seeds that want them go on without, and say so. */
static const char *pages_begin(const char *script)
{
    static char path[PATH_MAX];
    if (script == NULL || realpath(script, path) == NULL) return script;
    if (pipe_start(path)) replay_with(path);
    return path;
}

/* A seed that failed may have left the program in the middle of a line. */
static void pages_again(const char *script)
{
    if (!pipe_running()) return;
    pipe_stop();
    CHECK(pipe_start(script));
}

static int run_one(uint64_t seed, const char *pages)
{
    pages_begin(pages);
    struct counts total = run_seed(seed);
    say(seed, &total);
    pipe_stop();
    return 0;
}

/* -- many seeds, several at once */

struct worker {
    pid_t pid;
    int from; /* its tally comes here when it has ended */
};

struct work { /* memory that all workers share */
    _Atomic uint64_t next, failed;
    uint64_t end, step;
};

static struct tally worker_run(struct work *work, const char *pages)
{
    struct tally tally = {0};
    const char *script = pages_begin(pages);
    /* the first ones that fail say enough */
    while (work->failed < FAILED_MOST) {
        uint64_t seed = atomic_fetch_add(&work->next, work->step);
        if (seed >= work->end) break;
        struct tally one = {0};
        enum outcome outcome = fork_seed(seed, &one.counts);
        for (int i = 0; i < SPARES && outcome == SEED_QUIET; i++) {
            one.spared++;
            seed += SPARE_STEP;
            outcome = fork_seed(seed, &one.counts);
        }
        one.passed = outcome == SEED_PASSED;
        one.failed = outcome == SEED_FAILED;
        one.quiet = outcome == SEED_QUIET;
        one.shipped = has_pages(seed);
        one.skipped = script != NULL && seed % PAGES_EVERY == 0 && !pipe_running();
        tally_add(&tally, &one);
        work->failed += one.failed;
        if (outcome == SEED_FAILED) pages_again(script);
    }
    pipe_stop();
    return tally;
}

static struct worker worker_start(struct work *work, const char *pages)
{
    int ends[2];
    fflush(stdout);
    CHECK(pipe2(ends, O_CLOEXEC) == 0);
    struct worker worker = {fork(), ends[0]};
    CHECK(worker.pid >= 0);
    if (worker.pid == 0) {
        struct tally tally = worker_run(work, pages);
        __gcov_dump();
        fflush(stdout);
        _exit(write(ends[1], &tally, sizeof tally) == (ssize_t)sizeof tally ? 0 : 1);
    }
    close(ends[1]);
    return worker;
}

static bool worker_end(struct worker *worker, struct tally *total)
{
    int status;
    struct tally tally;
    bool told = read(worker->from, &tally, sizeof tally) == (ssize_t)sizeof tally;
    close(worker->from);
    CHECK(waitpid(worker->pid, &status, 0) == worker->pid);
    if (told) tally_add(total, &tally);
    return told && status == 0;
}

static int run_many(
        uint64_t from, uint64_t seeds, uint64_t step, uint64_t jobs, const char *pages)
{
    struct worker workers[JOBS_MAX];
    struct tally total = {0};
    struct work *work = mmap(
            NULL, sizeof *work, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(work != MAP_FAILED);
    *work = (struct work){.next = from, .end = from + seeds * step, .step = step};
    if (jobs < 1) jobs = 1;
    if (jobs > JOBS_MAX) jobs = JOBS_MAX;
    for (uint64_t i = 0; i < jobs; i++)
        workers[i] = worker_start(work, pages);
    for (uint64_t i = 0; i < jobs; i++)
        if (!worker_end(&workers[i], &total)) total.failed++;
    say(from, &total.counts);
    if (total.shipped > 0)
        printf("%llu seeds had pages of the shipped client\n", (unsigned long long)total.shipped);
    printf("each at least %d events and %d faults; %llu seeds had fewer, %llu of them not made up "
           "for\n",
            EVENTS_LEAST, FAULTS_LEAST, (unsigned long long)total.spared,
            (unsigned long long)total.quiet);
    if (total.skipped > 0)
        printf("%llu seeds ran without the client: node cannot run %s\n",
                (unsigned long long)total.skipped, pages);
    printf("%llu passed, %llu failed", (unsigned long long)total.passed,
            (unsigned long long)total.failed);
    if (total.skipped > 0) printf(", %llu skipped", (unsigned long long)total.skipped);
    printf("\n");
    return total.failed > 0 || total.passed == 0;
}

int main(int argc, char **argv)
{
    uint64_t seeds = number(getenv("TAVLA_COUNT"), 300), from = number(getenv("TAVLA_SEED"), 1);
    uint64_t jobs = (uint64_t)sysconf(_SC_NPROCESSORS_ONLN), step = 1;
    const char *one = NULL, *pages = NULL;
    json_start();
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-v") == 0)
            pages_trace(true);
        else if (i + 1 == argc)
            break;
        else if (strcmp(argv[i], "--seeds") == 0)
            seeds = number(argv[++i], seeds);
        else if (strcmp(argv[i], "--from") == 0)
            from = number(argv[++i], from);
        else if (strcmp(argv[i], "--step") == 0)
            step = number(argv[++i], step);
        else if (strcmp(argv[i], "--jobs") == 0)
            jobs = number(argv[++i], jobs);
        else if (strcmp(argv[i], "--pages") == 0)
            pages = argv[++i];
        else if (strcmp(argv[i], "--seed") == 0)
            one = argv[++i];
    }
    return one != NULL ? run_one(number(one, 1), pages) : run_many(from, seeds, step, jobs, pages);
}
