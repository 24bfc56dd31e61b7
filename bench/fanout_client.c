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
 * counts as an op. TOKENS: one for every CONNS_A_TOKEN connections, with commas; a member may not
 * have more of them. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define INPUT_BYTES   65536
#define CONNS_A_TOKEN 50

struct peer {
    int fd;
    bool author, live;
    uint64_t frames; /* events had */
    size_t used;     /* bytes of an unfinished frame in head */
    uint64_t skip;   /* payload bytes of the current frame still to come */
    char head[512];  /* frame head and the first bytes of the payload */
};

static struct peer *peers;
static unsigned peer_count;
static int poller;
static const char *sample_path;
static bool raw;

static void die(const char *what)
{
    fprintf(stderr, "fanout_client: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double clock_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

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

static void write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (n < 0) die("send");
        bytes += n;
        len -= (size_t)n;
    }
}

/* A masked text frame; the mask is zero, which a server may not tell from any other. */
static size_t frame(char *out, const char *text, size_t len)
{
    size_t at = 0;
    out[at++] = (char)0x81;
    if (len < 126) {
        out[at++] = (char)(0x80 | len);
    } else {
        out[at++] = (char)(0x80 | 126);
        out[at++] = (char)(len >> 8);
        out[at++] = (char)len;
    }
    memset(out + at, 0, 4);
    memcpy(out + at + 4, text, len);
    return at + 4 + len;
}

static void say(struct peer *p, const char *text)
{
    char out[1024];
    write_all(p->fd, out, frame(out, text, strlen(text)));
}

static int dial(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0) die("connect");
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

static void upgrade(struct peer *p, int port, const char *board)
{
    p->fd = dial(port);
    char text[512];
    int n = snprintf(text, sizeof text,
            "GET /v1/boards/%s/live HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: tavla.v1\r\n\r\n",
            board, port);
    write_all(p->fd, text, (size_t)n);
    size_t got = 0;
    while (got < 4 || !memmem(text, got, "\r\n\r\n", 4)) {
        /* byte by byte: nothing of the first frame is taken */
        ssize_t r = recv(p->fd, text + got, 1, 0);
        if (r <= 0 || ++got >= sizeof text) die("upgrade");
    }
    if (memcmp(text, "HTTP/1.1 101", 12) != 0) {
        fprintf(stderr, "fanout_client: %.*s\n", (int)got, text);
        exit(1);
    }
}

static void keep_sample(const struct peer *p, size_t head)
{
    FILE *f = fopen(sample_path, "w");
    if (!f || p->used < head || fwrite(p->head + head, 1, p->used - head, f) == 0) die(sample_path);
    fclose(f);
    sample_path = NULL;
}

static bool begins(const char *bytes, size_t len, const char *with)
{
    return len >= strlen(with) && memcmp(bytes, with, strlen(with)) == 0;
}

/* One frame's head and first payload bytes are in p->head: what is it? */
static void frame_seen(struct peer *p, size_t head, uint64_t len)
{
    const char *payload = p->head + head;
    size_t have = p->used - head;
    if (raw) {
        p->frames++;
        return;
    }
    if (begins(payload, have, "{\"t\":\"op\",")) {
        p->frames++;
        if (sample_path && p->author && have == len) keep_sample(p, head);
    } else if (begins(payload, have, "{\"t\":\"live\"")) {
        p->live = true;
    } else if (begins(payload, have, "{\"t\":\"rej\"") || begins(payload, have, "{\"t\":\"err\"")) {
        fprintf(stderr, "fanout_client: %.*s\n", (int)have, payload);
        exit(1);
    }
}

/* Bytes wanted in p->head: of the frame's head, then also of its payload as much as fits. Once they
 * are all there the frame is seen, and what remains of it is skipped. */
static size_t frame_want(struct peer *p)
{
    if (p->used < 2) return 2;
    unsigned small = (unsigned char)p->head[1] & 0x7f;
    size_t head = small < 126 ? 2 : small == 126 ? 4 : 10;
    if (p->used < head) return head;
    uint64_t size = small < 126 ? small : 0;
    for (size_t i = 2; i < head; i++)
        size = size << 8 | (unsigned char)p->head[i];
    uint64_t keep = size < sizeof p->head - head ? size : sizeof p->head - head;
    if (p->used < head + keep) return head + (size_t)keep;
    frame_seen(p, head, size);
    p->skip = size - keep;
    p->used = 0;
    return 0;
}

static void take(struct peer *p, const char *bytes, size_t len)
{
    while (len > 0) {
        size_t n = p->skip < len ? (size_t)p->skip : len;
        p->skip -= n;
        bytes += n;
        len -= n;
        /* A frame that ends with this input is seen now: the last call may bring no byte. */
        for (size_t want; p->skip == 0 && (want = frame_want(p)) > 0 && len > 0;) {
            n = want - p->used < len ? want - p->used : len;
            memcpy(p->head + p->used, bytes, n);
            p->used += n;
            bytes += n;
            len -= n;
        }
    }
}

static void pump(int timeout_ms)
{
    static char input[INPUT_BYTES];
    struct epoll_event events[256];
    int n = epoll_wait(poller, events, 256, timeout_ms);
    for (int i = 0; i < n; i++) {
        struct peer *p = events[i].data.ptr;
        ssize_t r = recv(p->fd, input, sizeof input, MSG_DONTWAIT);
        if (r == 0 || (r < 0 && errno != EAGAIN && errno != EINTR)) die("a connection ended");
        if (r > 0) take(p, input, (size_t)r);
    }
}

static void join_all(const char *tokens)
{
    for (unsigned i = 0; i < peer_count; i++) {
        char text[512];
        size_t len = strcspn(tokens, ",");
        snprintf(text, sizeof text,
                "{\"t\":\"hello\",\"v\":1,\"cl\":\"bench%u\",\"inst\":\"i%u\",\"token\":\"%.*s\"}",
                i, i, (int)len, tokens);
        if ((i + 1) % CONNS_A_TOKEN == 0 && tokens[len] == ',') tokens += len + 1;
        say(&peers[i], text);
        say(&peers[i], "{\"t\":\"sub\",\"id\":1}");
    }
    for (double give_up = clock_s() + 60;;) {
        unsigned live = 0;
        for (unsigned i = 0; i < peer_count; i++)
            live += peers[i].live;
        if (live == peer_count) return;
        if (clock_s() > give_up) die("not all became live");
        pump(100);
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
    poller = epoll_create1(EPOLL_CLOEXEC);
    peers = calloc(peer_count, sizeof *peers);
    char *out = malloc((size_t)window * 400);
    if (poller < 0 || !peers || !out) die("start");
    for (unsigned i = 0; i < peer_count; i++) {
        peers[i].author = i + 1 == peer_count;
        upgrade(&peers[i], port, argv[3]);
        struct epoll_event e = {.events = EPOLLIN, .data.ptr = &peers[i]};
        if (epoll_ctl(poller, EPOLL_CTL_ADD, peers[i].fd, &e) != 0) die("epoll_ctl");
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
