/* live_wire.h - many WebSockets on one thread, for the clients of benches: sends frames, and shows
 * of each frame that comes as much as fits `head`. Ends the program when a connection ends. */
#ifndef TAVLA_BENCH_LIVE_WIRE_H
#define TAVLA_BENCH_LIVE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct peer {
    int fd;
    unsigned number;
    bool author, live;
    uint64_t frames; /* events had */
    uint64_t sent;
    size_t used;    /* bytes of an unfinished frame in head */
    uint64_t skip;  /* payload bytes of the current frame still to come */
    char head[512]; /* frame head and the first bytes of the payload */
};

extern struct peer *peers; /* of the program */
extern unsigned peer_count;

/* Of the program: a frame of `len` bytes of payload, of which `have` are there. */
void frame_seen(struct peer *p, const char *payload, size_t have, uint64_t len);

_Noreturn void die(const char *what);
double clock_s(void);
void write_all(int fd, const char *bytes, size_t len);
/* A masked text frame into out; its length. */
size_t frame(char *out, const char *text, size_t len);
void say(struct peer *p, const char *text);
bool begins(const char *bytes, size_t len, const char *with);
/* Connects to a board's live path; `pump` reads from it from then on. */
void upgrade(struct peer *p, int port, const char *board);
/* hello and sub from everybody, until all are live. tokens, with commas: one for every
 * CONNS_A_TOKEN connections, since a member may not have more of them. */
#define CONNS_A_TOKEN 50
void join_all(const char *tokens);
void pump(int timeout_ms);

#endif
