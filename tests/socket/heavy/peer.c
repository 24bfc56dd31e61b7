#include "tests/socket/heavy/peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/socket/heavy/scan.h"

#define INPUT_BYTES       262144
#define MESSAGE_BYTES_MAX (1u << 21)
#define FAULTS_KEPT       20
#define LATENCIES_MAX     (1u << 22)
#define WRITE_SECONDS_MAX 10

struct page {            /* of the book: one event */
    uint64_t h, effects; /* effects: a hash of their bytes */
    int64_t sent_us;     /* 0: not one of our authors' */
    char *payload;       /* as the first live frame had it; NULL: only in a catch-up so far */
    size_t payload_len;
};

struct tally tally;
struct position head;
bool measuring;
uint32_t *latencies;
size_t latency_count;

static struct page *book;
static size_t book_cap;
static char faults[FAULTS_KEPT][400];
static struct peer *authors[256];
static int port, poller;
static const char *board;
static int64_t now_us; /* when the bytes being taken were read */

int64_t clock_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void die(const char *what)
{
    fprintf(stderr, "crowd: %s: %s\n", what, strerror(errno));
    exit(1);
}

void fault(const struct peer *p, const char *format, ...)
{
    va_list args;
    if (tally.faults < FAULTS_KEPT) {
        char *to = faults[tally.faults];
        int n = snprintf(
                to, sizeof faults[0], "peer %u at %llu: ", p->index, (unsigned long long)p->at.seq);
        va_start(args, format);
        vsnprintf(to + n, sizeof faults[0] - (size_t)n, format, args);
        va_end(args);
        for (char *c = to; *c; c++) {
            if (*c == '"' || *c == '\\' || (unsigned char)*c < ' ') *c = '\'';
        }
    }
    tally.faults++;
}

const char *fault_text(size_t i)
{
    return i < FAULTS_KEPT && i < tally.faults ? faults[i] : NULL;
}

/* [seq,"h"] */
static bool message_position(struct text message, struct position *ret)
{
    struct text pos = message_get(message, "pos");
    const char *comma = pos.len ? memchr(pos.ptr, ',', pos.len) : NULL;
    if (!comma || pos.ptr[0] != '[') return false;
    ret->seq = text_number((struct text){pos.ptr + 1, (size_t)(comma - pos.ptr - 1)}, 10);
    ret->h = text_number((struct text){comma + 1, pos.len - (size_t)(comma + 1 - pos.ptr)}, 16);
    return true;
}

static uint64_t bytes_hash(struct text t)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < t.len; i++)
        hash = (hash ^ (unsigned char)t.ptr[i]) * 1099511628211u;
    return hash;
}

/* -- the book */

static struct page *page_of(uint64_t seq)
{
    if (seq >= book_cap) {
        size_t cap = book_cap ? book_cap : 4096;
        while (cap <= seq)
            cap *= 2;
        book = realloc(book, cap * sizeof *book);
        if (!book) die("memory");
        memset(book + book_cap, 0, (cap - book_cap) * sizeof *book);
        book_cap = cap;
    }
    return &book[seq];
}

/* A position somebody was told must be what everybody else was told. */
static void position_check(const struct peer *p, struct position at, const char *where)
{
    struct page *page = page_of(at.seq);
    if (page->h == 0) page->h = at.h;
    if (page->h != at.h) fault(p, "%s says another h of %llu", where, (unsigned long long)at.seq);
    if (at.seq > head.seq) head = at;
}

static void author_acked(struct page *page, struct text cl, uint64_t n)
{
    /* "crowd-7" */
    if (cl.len < 9 || memcmp(cl.ptr, "\"crowd-", 7) != 0) return;
    uint64_t which = text_number((struct text){cl.ptr + 7, cl.len - 8}, 10);
    struct peer *author = which < 256 ? authors[which] : NULL;
    if (!author || n == 0 || n > author->n) return;
    page->sent_us = author->sent_us[n];
    if (++author->acked > author->n)
        fault(author, "more events than ops: n %llu twice", (unsigned long long)n);
}

static void latency_keep(const struct peer *p, const struct page *page)
{
    if (!measuring || p->narrow || page->sent_us == 0 || latency_count == LATENCIES_MAX) return;
    latencies[latency_count++] = (uint32_t)(now_us - page->sent_us);
}

/* -- messages */

/* The whole of one event, and whether it came live. */
static void event_taken(struct peer *p, struct text event, bool live)
{
    const char *at = event.ptr, *end = event.ptr + event.len;
    struct text key, value, effects = {"", 0}, cl = {"", 0};
    struct position position = {0};
    uint64_t n = 0;
    while (member_next(&at, end, &key, &value)) {
        if (text_is(key, "s")) position.seq = text_number(value, 10);
        if (text_is(key, "h")) position.h = text_number(value, 16);
        if (text_is(key, "e")) effects = value;
        if (text_is(key, "cl")) cl = value;
        if (text_is(key, "n")) n = text_number(value, 10);
    }
    if (!p->has_position) {
        fault(p, "event %llu before any position", (unsigned long long)position.seq);
        return;
    }
    if (position.seq != p->at.seq + 1) {
        fault(p, "event %llu is not the next", (unsigned long long)position.seq);
    }
    position_check(p, position, "an event");
    struct page *page = page_of(position.seq);
    uint64_t hash = bytes_hash(effects);
    if (page->effects == 0) {
        page->effects = hash;
        tally.events++;
        author_acked(page, cl, n);
    }
    if (page->effects != hash)
        fault(p, "event %llu has other effects", (unsigned long long)position.seq);
    if (live && !page->payload) {
        page->payload = malloc(event.len);
        if (!page->payload) die("memory");
        memcpy(page->payload, event.ptr, event.len);
        page->payload_len = event.len;
    }
    if (live) latency_keep(p, page);
    p->at = position;
    tally.deliveries++;
}

/* A live frame with the bytes that somebody had before is that event: nothing is to be read. */
static bool event_known(struct peer *p, struct text message)
{
    if (!p->has_position || p->state != PEER_LIVE || p->at.seq + 1 >= book_cap) return false;
    struct page *page = &book[p->at.seq + 1];
    if (!page->payload || page->payload_len != message.len) return false;
    if (memcmp(page->payload, message.ptr, message.len) != 0) return false;
    p->at = (struct position){p->at.seq + 1, page->h};
    latency_keep(p, page);
    tally.deliveries++;
    return true;
}

static void take_op(struct peer *p, struct text message)
{
    if (p->state != PEER_LIVE) fault(p, "an event before live");
    uint64_t want = p->at.seq + 1;
    event_taken(p, message, true);
    struct page *page = page_of(want);
    if (page->payload && (page->payload_len != message.len ||
                                 memcmp(page->payload, message.ptr, message.len) != 0)) {
        fault(p, "event %llu in other bytes", (unsigned long long)want);
    }
}

static void take_ops(struct peer *p, struct text message)
{
    /* Also while live: what one that fell behind has missed. */
    struct text list = message_get(message, "list");
    const char *at = list.ptr + 1, *end = list.ptr + list.len - 1;
    while (list.len > 2 && at < end) {
        const char *event = at;
        at = value_end(at, end);
        event_taken(p, (struct text){event, (size_t)(at - event)}, false);
        if (at < end) at++;
    }
}

static void take_sub(struct peer *p, struct text message)
{
    uint64_t id = text_number(message_get(message, "id"), 10);
    const struct asked *asked = &p->asked[id % SUBS_KEPT];
    if (asked->id != id || id == 0) {
        fault(p, "an answer to no sub");
        return;
    }
    p->state = PEER_JOINING;
    p->has_position = text_is(message_get(message, "mode"), "\"replay\"");
    if (p->has_position && !asked->has_since) fault(p, "a replay of nothing");
    if (p->has_position) p->at = asked->since;
    if (p->has_position) tally.replays++;
}

static void take_snap(struct peer *p, struct text message)
{
    struct position at;
    if (p->state == PEER_LIVE) fault(p, "a snapshot while live");
    if (!message_position(message, &at)) fault(p, "a snapshot without a position");
    if (text_number(message_get(message, "part"), 10) == 1) p->parts = at;
    if (at.seq != p->parts.seq || at.h != p->parts.h) fault(p, "parts of two snapshots");
    if (!text_is(message_get(message, "last"), "true")) return;
    position_check(p, at, "a snapshot");
    p->at = at;
    p->has_position = true;
    tally.snapshots++;
}

static void take_live(struct peer *p, struct text message)
{
    struct position at;
    if (!message_position(message, &at) || !p->has_position) {
        fault(p, "live without a state");
    } else if (at.seq != p->at.seq || at.h != p->at.h) {
        fault(p, "live at %llu", (unsigned long long)at.seq);
    }
    p->state = PEER_LIVE;
}

static void take_message(struct peer *p, struct text message)
{
    struct position at;
    if (event_known(p, message)) return;
    struct text type = message_get(message, "t");
    if (text_is(type, "\"op\"")) {
        take_op(p, message);
    } else if (text_is(type, "\"ops\"")) {
        take_ops(p, message);
    } else if (text_is(type, "\"sub\"")) {
        take_sub(p, message);
    } else if (text_is(type, "\"snap\"")) {
        take_snap(p, message);
    } else if (text_is(type, "\"live\"")) {
        take_live(p, message);
    } else if (text_is(type, "\"resync\"")) {
        tally.resyncs++;
        p->has_position = false;
        p->state = PEER_JOINING;
    } else if (text_is(type, "\"hb\"")) {
        if (p->state == PEER_LIVE && message_position(message, &at) && at.seq != p->at.seq) {
            fault(p, "a heartbeat at %llu", (unsigned long long)at.seq);
        }
    } else if (text_is(type, "\"rej\"") || text_is(type, "\"err\"") || text_is(type, "\"dup\"")) {
        tally.rejected++;
        fault(p, "%.*s", message.len > 200 ? 200 : (int)message.len, message.ptr);
    }
}

/* -- bytes out */

static void write_all(struct peer *p, const char *bytes, size_t len)
{
    int64_t give_up = clock_us() + (int64_t)WRITE_SECONDS_MAX * 1000000;
    while (len > 0) {
        ssize_t n = send(p->fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
            if (clock_us() > give_up) die("the server does not read");
            usleep(1000);
            continue;
        }
        if (n < 0) return; /* the end shows in what is read */
        bytes += n;
        len -= (size_t)n;
    }
}

/* A masked frame; the mask is zero, which a server may not tell from any other. */
static void say_frame(struct peer *p, unsigned opcode, const char *payload, size_t len)
{
    char out[2048];
    size_t at = 0;
    if (len > sizeof out - 16) die("a message too long");
    out[at++] = (char)(0x80 | opcode);
    if (len < 126) {
        out[at++] = (char)(0x80 | len);
    } else {
        out[at++] = (char)(0x80 | 126);
        out[at++] = (char)(len >> 8);
        out[at++] = (char)len;
    }
    memset(out + at, 0, 4);
    memcpy(out + at + 4, payload, len);
    write_all(p, out, at + 4 + len);
}

static void say(struct peer *p, const char *text)
{
    say_frame(p, 1, text, strlen(text));
}

void peer_sub(struct peer *p, bool with_since)
{
    char text[200];
    uint64_t id = ++p->sub_id;
    struct asked *asked = &p->asked[id % SUBS_KEPT];
    *asked = (struct asked){id, with_since && p->has_position, p->at};
    if (asked->has_since) {
        snprintf(text, sizeof text, "{\"t\":\"sub\",\"id\":%llu,\"since\":[%llu,\"%016llx\"]}",
                (unsigned long long)id, (unsigned long long)p->at.seq, (unsigned long long)p->at.h);
    } else {
        snprintf(text, sizeof text, "{\"t\":\"sub\",\"id\":%llu}", (unsigned long long)id);
    }
    say(p, text);
}

void peer_rewind(struct peer *p, uint64_t events)
{
    if (!p->has_position || p->at.seq <= events) return;
    uint64_t seq = p->at.seq - events;
    if (page_of(seq)->h != 0) p->at = (struct position){seq, page_of(seq)->h};
}

void peer_op(struct peer *p, const char *card, uint64_t number)
{
    char text[400];
    if (++p->n >= p->sent_cap) {
        p->sent_cap = p->sent_cap ? 2 * p->sent_cap : 1024;
        p->sent_us = realloc(p->sent_us, p->sent_cap * sizeof *p->sent_us);
        if (!p->sent_us) die("memory");
    }
    p->sent_us[p->n] = clock_us();
    snprintf(text, sizeof text,
            "{\"t\":\"op\",\"n\":%llu,\"ops\":[{\"op\":\"card.set\",\"id\":\"%s\",\"name\":"
            "\"Renamed for the %08llu. time "
            "while others come and go\"}]}",
            (unsigned long long)p->n, card, (unsigned long long)number);
    say(p, text);
}

/* -- bytes in */

static void peer_gone(struct peer *p, unsigned code)
{
    tally.closed[code < 5000 ? code : 0]++;
    /* One that did not read may find its connection cut instead of the close frame. */
    if ((code != 4202 && code != 0) || !p->narrow) fault(p, "the server closed with %u", code);
    peer_drop(p, false, 100000);
}

/* One frame at bytes. -> its length, or 0: more is to come. */
static size_t take_frame(struct peer *p, const char *bytes, size_t len)
{
    const unsigned char *b = (const unsigned char *)bytes;
    if (len < 2) return 0;
    size_t start = 2;
    uint64_t size = b[1] & 0x7f;
    if (size >= 126) {
        start = size == 126 ? 4 : 10;
        if (len < start) return 0;
        size = 0;
        for (size_t i = 2; i < start; i++)
            size = size << 8 | b[i];
    }
    if (size > MESSAGE_BYTES_MAX) die("a frame too large");
    if (len < start + size) return 0;
    struct text payload = {bytes + start, (size_t)size};
    switch (b[0]) {
    case 0x81: take_message(p, payload); break;
    case 0x88: peer_gone(p, size >= 2 ? (unsigned)b[start] << 8 | b[start + 1] : 0); break;
    case 0x89: say_frame(p, 10, payload.ptr, payload.len); break;
    default: fault(p, "a frame that opens with %02x", b[0]);
    }
    return start + (size_t)size;
}

static size_t take_upgrade(struct peer *p, const char *bytes, size_t len)
{
    const char *end = memmem(bytes, len, "\r\n\r\n", 4);
    char text[300];
    if (!end) return 0;
    if (len < 12 || memcmp(bytes, "HTTP/1.1 101", 12) != 0) {
        fault(p, "upgrade: %.*s", len > 60 ? 60 : (int)len, bytes);
        peer_drop(p, false, 500000);
        return len;
    }
    p->state = PEER_JOINING;
    snprintf(text, sizeof text,
            "{\"t\":\"hello\",\"v\":1,\"cl\":\"crowd-%u\",\"inst\":\"i%u\",\"token\":\"%s\"}",
            p->index, p->index, p->token);
    say(p, text);
    peer_sub(p, true);
    return (size_t)(end - bytes) + 4;
}

/* -> how much of it was whole frames. */
static size_t take_bytes(struct peer *p, const char *bytes, size_t len)
{
    size_t at = 0;
    int fd = p->fd;
    while (at < len && p->fd == fd) {
        size_t n = p->state == PEER_UPGRADING ? take_upgrade(p, bytes + at, len - at)
                                              : take_frame(p, bytes + at, len - at);
        if (n == 0) break;
        at += n;
    }
    return p->fd == fd ? at : len;
}

static void bytes_keep(struct peer *p, const char *bytes, size_t len)
{
    if (p->used + len > p->cap) {
        p->cap = p->used + len + 4096;
        p->bytes = realloc(p->bytes, p->cap);
        if (!p->bytes) die("memory");
    }
    memcpy(p->bytes + p->used, bytes, len);
    p->used += len;
}

static void peer_take(struct peer *p)
{
    static char input[INPUT_BYTES];
    ssize_t n = recv(p->fd, input, sizeof input, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) {
        peer_gone(p, 0);
        return;
    }
    now_us = clock_us();
    if (p->used == 0) {
        size_t done = take_bytes(p, input, (size_t)n);
        if (p->fd >= 0 && done < (size_t)n) bytes_keep(p, input + done, (size_t)n - done);
        return;
    }
    bytes_keep(p, input, (size_t)n);
    size_t done = take_bytes(p, p->bytes, p->used);
    if (p->fd < 0) return; /* dropped, and with it what was kept */
    p->used -= done;
    memmove(p->bytes, p->bytes + done, p->used);
    if (p->used == 0) {
        free(p->bytes);
        p->bytes = NULL;
        p->cap = 0;
    }
}

/* -- life */

void peer_setup(int server_port, const char *board_id, int epoll_fd)
{
    port = server_port;
    board = board_id;
    poller = epoll_fd;
    latencies = malloc(LATENCIES_MAX * sizeof *latencies);
    if (!latencies) die("memory");
}

static void peer_watch(struct peer *p, int how, unsigned events)
{
    struct epoll_event e = {.events = events, .data.ptr = p};
    if (epoll_ctl(poller, how, p->fd, &e) != 0) die("epoll_ctl");
}

void peer_open(struct peer *p)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int one = 1;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (p->is_author) authors[p->index] = p;
    p->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (p->fd < 0) die("socket");
    if (p->receive_bytes)
        setsockopt(p->fd, SOL_SOCKET, SO_RCVBUF, &p->receive_bytes, sizeof p->receive_bytes);
    setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(p->fd, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS)
        die("connect");
    p->state = PEER_CONNECTING;
    p->stopped = false;
    peer_watch(p, EPOLL_CTL_ADD, EPOLLOUT);
    tally.connects++;
}

static void peer_upgrade(struct peer *p)
{
    char text[512];
    int n = snprintf(text, sizeof text,
            "GET /v1/boards/%s/live HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: "
            "websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: tavla.v1\r\n\r\n",
            board, port);
    p->state = PEER_UPGRADING;
    peer_watch(p, EPOLL_CTL_MOD, EPOLLIN);
    write_all(p, text, (size_t)n);
}

void peer_ready(struct peer *p, unsigned events)
{
    if (p->fd < 0) return; /* dropped earlier in the same turn */
    if (p->state == PEER_CONNECTING) {
        if (events & EPOLLOUT) peer_upgrade(p);
        return;
    }
    if (!p->stopped) {
        peer_take(p);
    } else if (events &
               (EPOLLHUP | EPOLLERR)) { /* closed while it did not read: what was sent is lost */
        peer_gone(p, 4202);
    }
}

void peer_drop(struct peer *p, bool politely, int64_t back_us)
{
    if (p->fd >= 0) {
        struct linger reset = {1, 0};
        if (politely && p->state >= PEER_JOINING) {
            say_frame(p, 8, "\x03\xe8", 2);
        } else {
            setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        }
        close(p->fd);
    }
    p->fd = -1;
    p->state = PEER_DOWN;
    p->stopped = false;
    free(p->bytes);
    p->bytes = NULL;
    p->used = p->cap = 0;
    p->due_us = clock_us() + back_us;
}

void peer_read(struct peer *p, bool reads)
{
    if (p->fd < 0 || p->state < PEER_UPGRADING || p->stopped == !reads) return;
    p->stopped = !reads;
    peer_watch(p, EPOLL_CTL_MOD, reads ? EPOLLIN : 0);
}
