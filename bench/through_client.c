/* through_client.c - clients of bench/through: each keeps so many ops in flight until all are done.
 *
 *   through_client PORT BOARDS TOKENS CLIENTS IN_FLIGHT OPS CARDS
 *
 * BOARDS, with commas: the client's own, or one for all of them. An op is answered when its event
 * comes back; then the next is sent. Prints the wall seconds of OPS ops, and the seconds of
 * processor time that this program took for them. TOKENS: see join_all. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/live_wire.h"

struct peer *peers;
unsigned peer_count;
static unsigned cards, board_count;
static uint64_t ops, sent, done;

static void send_one(struct peer *p)
{
    char text[300], out[400];
    p->sent++;
    int n = snprintf(text, sizeof text,
            "{\"t\":\"op\",\"n\":%llu,\"ops\":[{\"op\":\"card.set\",\"id\":\"65f0%04x%016x\","
            "\"name\":\"Renamed by the bench for the %08llu. time\"}]}",
            (unsigned long long)p->sent, p->number % board_count,
            (unsigned)((p->sent * 7 + p->number) % cards), (unsigned long long)++sent);
    write_all(p->fd, out, frame(out, text, (size_t)n));
}

void frame_seen(struct peer *p, const char *payload, size_t have, uint64_t len)
{
    char mine[32];
    (void)len;
    if (begins(payload, have, "{\"t\":\"live\"")) {
        p->live = true;
    } else if (begins(payload, have, "{\"t\":\"op\",")) {
        int n = snprintf(mine, sizeof mine, "\"cl\":\"bench%u\"", p->number);
        if (memmem(payload, have, mine, (size_t)n) == NULL) return; /* another's */
        done++;
        if (sent < ops) send_one(p);
    } else if (begins(payload, have, "{\"t\":\"resync\"")) {
        fprintf(stderr, "through_client: a client fell so far behind that a snapshot took the "
                        "place of its events; try with fewer --in-flight\n");
        exit(1);
    } else if (begins(payload, have, "{\"t\":\"rej\"") || begins(payload, have, "{\"t\":\"err\"")) {
        fprintf(stderr, "through_client: %.*s\n", (int)have, payload);
        exit(1);
    }
}

int main(int argc, char **argv)
{
    if (argc != 8) {
        fprintf(stderr, "usage: through_client PORT BOARDS TOKENS CLIENTS IN_FLIGHT OPS CARDS\n");
        return 2;
    }
    int port = (int)strtol(argv[1], NULL, 10);
    char **boards = calloc(strlen(argv[2]) + 1, sizeof *boards);
    peer_count = (unsigned)strtoul(argv[4], NULL, 10);
    unsigned in_flight = (unsigned)strtoul(argv[5], NULL, 10);
    ops = strtoull(argv[6], NULL, 10);
    cards = (unsigned)strtoul(argv[7], NULL, 10);
    peers = calloc(peer_count, sizeof *peers);
    if (!boards || !peers) die("start");
    for (char *at = strtok(argv[2], ","); at != NULL; at = strtok(NULL, ","))
        boards[board_count++] = at;
    for (unsigned i = 0; i < peer_count; i++) {
        peers[i].number = i;
        upgrade(&peers[i], port, boards[i % board_count]);
    }
    join_all(argv[3]);
    double wall = clock_s();
    clock_t own = clock();
    for (unsigned k = 0; k < in_flight; k++)
        for (unsigned i = 0; i < peer_count; i++)
            send_one(&peers[i]);
    while (done < ops)
        pump(1000);
    printf("%.6f %.6f\n", clock_s() - wall, (double)(clock() - own) / CLOCKS_PER_SEC);
    free(boards);
    return 0;
}
