/* crowd.c - many followers and a few authors of one board: what JavaScript has no time for.
 *
 *   crowd PORT BOARD       commands on standard input, each answered by one line of JSON
 *
 *   token TEXT             one more session; the connections take them in turn
 *   card ID                one more card for the authors to rename
 *   join N [BYTES]         N more followers, with so small a receive buffer; until live
 *   authors N              N more that also write
 *   churn MS [SEED]        each drops, resumes, rewinds or pauses every so many ms; 0: none
 *   ops COUNT RATE         so many ops, so many a second, until the authors have them back
 *   stop | go              those with a small receive buffer stop reading, read again
 *   settle SECONDS         until every one that reads is live and has the newest event
 *   report                 what was seen so far */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "tests/socket/heavy/peer.h"

#define PEERS_MAX         4000
#define TOKENS_MAX        200
#define CARDS_MAX         64
#define IN_FLIGHT_MAX     48 /* of one author: below what the server lets one have unanswered */
#define JOIN_SECONDS      60
#define STALL_SECONDS     60 /* no acknowledgement for so long: given up */
#define REWIND_EVENTS_MAX 800

static struct peer peers[PEERS_MAX];
static unsigned peer_count;
static char *tokens[TOKENS_MAX], *cards[CARDS_MAX];
static unsigned token_count, card_count;
static int poller;
static int64_t churn_us;
static uint64_t seed = 1;
static uint64_t op_number;

static uint32_t random_below(uint32_t limit)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 32) % limit;
}

/* -- churn: about every churn_us each follower does something that real ones do */

static int64_t churn_next(void)
{
    return clock_us() + 1 + (int64_t)random_below((uint32_t)(2 * churn_us));
}

static void churn_one(struct peer *p)
{
    p->due_us = churn_next();
    if (p->stopped) {
        peer_read(p, true);
        return;
    }
    if (p->state < PEER_JOINING && random_below(2)) return; /* else it drops while it connects */
    switch (random_below(8)) {
    case 0: peer_drop(p, true, random_below(200000)); break;
    case 1: peer_drop(p, false, random_below(200000)); break;
    case 2: /* comes as somebody new */
        peer_drop(p, false, random_below(50000));
        p->has_position = false;
        break;
    case 3: /* was away for longer */
        peer_drop(p, false, random_below(50000));
        peer_rewind(p, random_below(REWIND_EVENTS_MAX));
        break;
    case 4:
    case 5:
        if (p->state >= PEER_JOINING) peer_sub(p, p->has_position);
        break;
    case 6:
        if (p->state >= PEER_JOINING) peer_sub(p, false);
        break;
    case 7: peer_read(p, false); break;
    }
}

static void peers_due(void)
{
    int64_t now = clock_us();
    for (unsigned i = 0; i < peer_count; i++) {
        struct peer *p = &peers[i];
        if (p->state == PEER_DOWN) {
            if (now >= p->due_us) {
                peer_open(p);
                p->due_us = churn_us ? churn_next() : 0;
            }
        } else if (churn_us && !p->is_author && !p->narrow && now >= p->due_us) {
            churn_one(p);
        }
    }
}

static void pump(int timeout_ms)
{
    struct epoll_event events[256];
    int n = epoll_wait(poller, events, 256, timeout_ms);
    for (int i = 0; i < n; i++)
        peer_ready(events[i].data.ptr, events[i].events);
    peers_due();
}

/* -- commands */

static bool all_live(bool at_head)
{
    for (unsigned i = 0; i < peer_count; i++) {
        const struct peer *p = &peers[i];
        if (p->stopped) continue;
        if (p->state != PEER_LIVE || (at_head && p->at.seq != head.seq)) return false;
    }
    return true;
}

static void wait_live(bool at_head, unsigned seconds)
{
    int64_t give_up = clock_us() + (int64_t)seconds * 1000000;
    while (!all_live(at_head) && clock_us() < give_up)
        pump(20);
    for (unsigned i = 0; i < peer_count; i++) {
        const struct peer *p = &peers[i];
        if (p->stopped || (p->state == PEER_LIVE && (!at_head || p->at.seq == head.seq))) continue;
        fault(p, "in state %d with head %" PRIu64 " after %u s", p->state, head.seq, seconds);
    }
}

static void join(unsigned count, int receive_bytes, bool is_author)
{
    if (token_count == 0 || peer_count + count > PEERS_MAX) die("join: no token, or too many");
    for (unsigned i = 0; i < count; i++) {
        struct peer *p = &peers[peer_count];
        *p = (struct peer){.index = peer_count, .fd = -1, .is_author = is_author};
        p->token = tokens[peer_count % token_count];
        p->receive_bytes = receive_bytes;
        p->narrow = receive_bytes > 0;
        peer_count++;
        peer_open(p);
        p->due_us = churn_us ? churn_next() : 0;
    }
    wait_live(false, JOIN_SECONDS);
    printf("{\"peers\":%u}\n", peer_count);
}

static int compare_latency(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static double latency_ms(double part)
{
    size_t at = (size_t)(part * (double)latency_count);
    if (latency_count == 0) return 0;
    return latencies[at < latency_count ? at : latency_count - 1] / 1e3;
}

static uint64_t acked_all(uint64_t *ret_sent)
{
    uint64_t acked = 0;
    *ret_sent = 0;
    for (unsigned i = 0; i < peer_count; i++) {
        acked += peers[i].acked;
        *ret_sent += peers[i].n;
    }
    return acked;
}

/* Sends what is due, the authors in turn, at most IN_FLIGHT_MAX of one. */
static uint64_t ops_due(uint64_t done, uint64_t due)
{
    static unsigned turn;
    for (unsigned idle = 0; done < due && idle < peer_count;) {
        struct peer *p = &peers[turn++ % peer_count];
        idle++;
        if (!p->is_author || p->state != PEER_LIVE || p->n - p->acked >= IN_FLIGHT_MAX) continue;
        peer_op(p, cards[op_number % card_count], op_number);
        op_number++;
        done++;
        idle = 0;
    }
    return done;
}

static void ops(uint64_t count, uint64_t rate)
{
    uint64_t done = 0, sent, acked = acked_all(&sent), before = acked;
    int64_t start = clock_us(), moved = start;
    if (card_count == 0) die("ops: no card");
    latency_count = 0;
    measuring = true;
    for (;;) {
        int64_t now = clock_us();
        uint64_t due = (uint64_t)(now - start) * rate / 1000000 + 1;
        done = ops_due(done, due < count ? due : count);
        pump(1);
        uint64_t acked_now = acked_all(&sent);
        if (acked_now != acked) moved = now;
        acked = acked_now;
        if (done == count && acked == sent) break;
        if (now - moved > (int64_t)STALL_SECONDS * 1000000) {
            fault(&peers[0], "%" PRIu64 " of %" PRIu64 " ops are answered", acked, sent);
            break;
        }
    }
    double seconds = (double)(clock_us() - start) / 1e6;
    measuring = false;
    qsort(latencies, latency_count, sizeof *latencies, compare_latency);
    printf("{\"acked\":%" PRIu64
           ",\"seconds\":%.3f,\"samples\":%zu,\"p50\":%.3f,\"p99\":%.3f,\"most\":%.3f}\n",
            acked - before, seconds, latency_count, latency_ms(0.5), latency_ms(0.99),
            latency_ms(1));
}

static void reading(bool on)
{
    unsigned count = 0;
    for (unsigned i = 0; i < peer_count; i++) {
        if (!peers[i].narrow) continue;
        peer_read(&peers[i], on);
        count++;
    }
    printf("{\"peers\":%u}\n", count);
}

static void settle(unsigned seconds)
{
    churn_us = 0;
    for (unsigned i = 0; i < peer_count; i++) {
        if (peers[i].stopped && !peers[i].narrow) peer_read(&peers[i], true);
    }
    wait_live(true, seconds);
    printf("{\"head\":[%" PRIu64 ",\"%016" PRIx64 "\"]}\n", head.seq, head.h);
}

static void report(void)
{
    printf("{\"events\":%" PRIu64 ",\"deliveries\":%" PRIu64 ",\"connects\":%" PRIu64
           ",\"replays\":%" PRIu64 ",\"snapshots\":%" PRIu64 ",\"resyncs\":%" PRIu64
           ",\"closed\":{",
            tally.events, tally.deliveries, tally.connects, tally.replays, tally.snapshots,
            tally.resyncs);
    const char *comma = "";
    for (unsigned i = 0; i < sizeof tally.closed / sizeof tally.closed[0]; i++) {
        if (tally.closed[i] == 0) continue;
        printf("%s\"%u\":%" PRIu64, comma, i, tally.closed[i]);
        comma = ",";
    }
    printf("},\"faults\":%" PRIu64 ",\"first\":[", tally.faults);
    for (size_t i = 0; fault_text(i); i++)
        printf("%s\"%s\"", i ? "," : "", fault_text(i));
    printf("]}\n");
}

static char *copy(const char *text)
{
    char *to = strdup(text);
    if (!to) die("memory");
    return to;
}

static void obey(const char *line)
{
    char word[20] = "", text[200] = "";
    unsigned long long a = 0, b = 0;
    if (sscanf(line, "%19s %199s", word, text) < 1) die("an empty command");
    sscanf(line, "%*s %llu %llu", &a, &b);
    if (strcmp(word, "token") == 0 && token_count < TOKENS_MAX) {
        tokens[token_count++] = copy(text);
        printf("{\"tokens\":%u}\n", token_count);
    } else if (strcmp(word, "card") == 0 && card_count < CARDS_MAX) {
        cards[card_count++] = copy(text);
        printf("{\"cards\":%u}\n", card_count);
    } else if (strcmp(word, "join") == 0) {
        join((unsigned)a, (int)b, false);
    } else if (strcmp(word, "authors") == 0) {
        join((unsigned)a, 0, true);
    } else if (strcmp(word, "churn") == 0) {
        churn_us = (int64_t)a * 1000;
        if (b) seed = b * 0x9e3779b97f4a7c15u;
        for (unsigned i = 0; i < peer_count && churn_us; i++)
            peers[i].due_us = churn_next();
        printf("{\"churn_ms\":%llu}\n", a);
    } else if (strcmp(word, "ops") == 0) {
        ops(a, b ? b : 1000);
    } else if (strcmp(word, "stop") == 0 || strcmp(word, "go") == 0) {
        reading(word[0] == 'g');
    } else if (strcmp(word, "settle") == 0) {
        settle((unsigned)a);
    } else if (strcmp(word, "report") == 0) {
        report();
    } else {
        errno = EINVAL;
        die(line);
    }
    fflush(stdout);
}

/* Between commands the streams go on. */
int main(int argc, char **argv)
{
    static char line[1000];
    size_t used = 0;
    if (argc != 3) {
        fprintf(stderr, "usage: crowd PORT BOARD\n");
        return 2;
    }
    poller = epoll_create1(EPOLL_CLOEXEC);
    if (poller < 0) die("epoll_create1");
    peer_setup((int)strtol(argv[1], NULL, 10), argv[2], poller);
    for (;;) {
        char *end = memchr(line, '\n', used);
        if (end) {
            *end++ = '\0';
            obey(line);
            used -= (size_t)(end - line);
            memmove(line, end, used);
            continue;
        }
        pump(10);
        struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
        if (poll(&input, 1, 0) <= 0) continue;
        ssize_t n = read(STDIN_FILENO, line + used, sizeof line - used);
        if (n == 0) return 0;
        if (n < 0 || used + (size_t)n == sizeof line) die("standard input");
        used += (size_t)n;
    }
}
