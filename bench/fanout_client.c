/* fanout_client.c - the subscribers and the author of bench/fanout, as one program of one thread.
 *
 *   fanout_client tavla PORT BOARD TOKENS SUBSCRIBERS WINDOW EVENTS PID CARDS [SAMPLE]
 *   fanout_client raw   PORT - -     SUBSCRIBERS WINDOW EVENTS PID CARDS SAMPLE
 *
 * Opens SUBSCRIBERS + 1 WebSockets, the last one being the author; the author writes WINDOW
 * messages in one go, waits until its own stream brought them back, and writes the next window,
 * EVENTS in all. Every subscriber reads and counts frames. The result is one JSON line: deliveries,
 * wall seconds, and the CPU seconds that process PID (all its threads) used between the first op
 * and the last delivery.
 *
 * `tavla` speaks the live protocol (hello, sub, op) and, given SAMPLE, keeps one event's payload in
 * that file; `raw` is for the peers, which broadcast the sample's bytes: no hello, any message
 * counts as an op. TOKENS: see join_all. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/live_wire.h"

struct peer *peers;
unsigned peer_count;
static const char *sample_path;
static bool raw;

/* Nanoseconds on a CPU of every thread of a process: the first number of schedstat. */
static double cpu_s(const char *pid)
{
    char path[300];
    snprintf(path, sizeof path, "/proc/%s/task", pid);
    DIR *dir = opendir(path);
    if (!dir) die(path);
    double total = 0;
    for (struct dirent *d; (d = readdir(dir));) {
        if (d->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "/proc/%s/task/%.20s/schedstat", pid, d->d_name);
        FILE *f = fopen(path, "r");
        unsigned long long ns = 0;
        if (f && fscanf(f, "%llu", &ns) == 1) total += (double)ns / 1e9;
        if (f) fclose(f);
    }
    closedir(dir);
    return total;
}

static void keep_sample(const char *payload, size_t len)
{
    FILE *f = fopen(sample_path, "w");
    if (!f || fwrite(payload, 1, len, f) == 0) die(sample_path);
    fclose(f);
    sample_path = NULL;
}

void frame_seen(struct peer *p, const char *payload, size_t have, uint64_t len)
{
    if (raw) {
        p->frames++;
        return;
    }
    if (begins(payload, have, "{\"t\":\"op\",")) {
        p->frames++;
        if (sample_path && p->author && have == len) keep_sample(payload, have);
    } else if (begins(payload, have, "{\"t\":\"live\"")) {
        p->live = true;
    } else if (begins(payload, have, "{\"t\":\"rej\"") || begins(payload, have, "{\"t\":\"err\"")) {
        fprintf(stderr, "fanout_client: %.*s\n", (int)have, payload);
        exit(1);
    }
}

static bool all_had(uint64_t events)
{
    for (unsigned i = 0; i < peer_count; i++) {
        if (peers[i].frames < events) return false;
    }
    return true;
}

/* The ids of the cards that the author renames in turn are made by bench/fanout.mjs, 24 hex each:
 * prefix and index. */
static size_t window_write(char *out, uint64_t first, unsigned window, unsigned cards)
{
    size_t at = 0;
    for (unsigned i = 0; i < window; i++) {
        char text[300];
        int n = snprintf(text, sizeof text,
                "{\"t\":\"op\",\"n\":%llu,\"ops\":[{\"op\":\"card.set\","
                "\"id\":\"65f0c0de%016x\","
                "\"name\":\"Renamed by the bench for the %08llu. time\"}]}",
                1000000ull + first + i, (unsigned)((first + i) % cards),
                (unsigned long long)(first + i));
        at += frame(out + at, text, (size_t)n);
    }
    return at;
}

int main(int argc, char **argv)
{
    if (argc < 10) {
        fprintf(stderr, "usage: fanout_client tavla|raw PORT BOARD TOKENS SUBSCRIBERS WINDOW "
                        "EVENTS PID CARDS [SAMPLE]\n");
        return 2;
    }
    raw = strcmp(argv[1], "raw") == 0;
    int port = (int)strtol(argv[2], NULL, 10);
    peer_count = (unsigned)strtoul(argv[5], NULL, 10) + 1;
    unsigned window = (unsigned)strtoul(argv[6], NULL, 10);
    uint64_t events = strtoull(argv[7], NULL, 10);
    unsigned cards = (unsigned)strtoul(argv[9], NULL, 10);
    if (!raw && argc > 10) sample_path = argv[10];
    events -= events % window;
    peers = calloc(peer_count, sizeof *peers);
    char *out = malloc((size_t)window * 400);
    if (!peers || !out) die("start");
    for (unsigned i = 0; i < peer_count; i++) {
        peers[i].author = i + 1 == peer_count;
        upgrade(&peers[i], port, argv[3]);
    }
    struct peer *author = &peers[peer_count - 1];
    if (!raw) join_all(argv[4]);
    uint64_t had = author->frames; /* events that came while joining */
    double cpu = cpu_s(argv[8]), wall = clock_s();
    for (uint64_t done = 0; done < events; done += window) {
        write_all(author->fd, out, window_write(out, done + 1, window, cards));
        while (author->frames < had + done + window)
            pump(1000);
    }
    while (!all_had(had + events))
        pump(1000);
    wall = clock_s() - wall;
    cpu = cpu_s(argv[8]) - cpu;
    printf("{\"deliveries\":%llu,\"events\":%llu,\"wall\":%.6f,\"cpu\":%.6f}\n",
            (unsigned long long)(events * peer_count), (unsigned long long)events, wall, cpu);
    return 0;
}
