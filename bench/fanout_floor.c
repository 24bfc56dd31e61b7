/* fanout_floor.c - the least a server can do to fan out: what bench/fanout holds Tavla against.
 *
 *   fanout_floor SAMPLE SUBSCRIBERS WINDOW OP_BYTES CARDS RECORD_BYTES ENTITY_BYTES FOLDER|-
 *
 * One SINGLE_ISSUER | DEFER_TASKRUN ring, one contiguous log, one send a subscriber a window, no
 * parsing: an upgrade is answered with fixed bytes, an op is OP_BYTES bytes whatever they say, an
 * event is the sample's bytes. With a FOLDER each window first commits to LMDB the records that
 * Tavla would: WINDOW log records, one entity for each card touched, a client row and a head; with
 * `-` nothing is stored. Prints its port. */
#include <liburing.h>
#include <lmdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOG_BYTES (4u << 20)

static struct io_uring ring;
static int *fds;
static unsigned count, window, cards, record_bytes, entity_bytes;
static char event[4096];
static size_t event_bytes;
static char *log_bytes; /* the contiguous log: a window's frames lie end to end */
static MDB_env *env;
static MDB_dbi events_db, entities_db, clients_db, heads_db;
static uint64_t seq;
static char filler[8192];

static void die(const char *what, int code)
{
    fprintf(stderr, "fanout_floor: %s: %d\n", what, code);
    exit(1);
}

static void must(const char *what, int rc)
{
    if (rc) die(what, rc);
}

static void store_open(const char *folder)
{
    must("env", mdb_env_create(&env));
    must("mapsize", mdb_env_set_mapsize(env, (size_t)8 << 30));
    must("maxdbs", mdb_env_set_maxdbs(env, 4));
    must("open", mdb_env_open(env, folder, 0, 0600));
    MDB_txn *txn;
    must("txn", mdb_txn_begin(env, NULL, 0, &txn));
    must("dbi", mdb_dbi_open(txn, "events", MDB_CREATE, &events_db));
    must("dbi", mdb_dbi_open(txn, "entities", MDB_CREATE, &entities_db));
    must("dbi", mdb_dbi_open(txn, "clients", MDB_CREATE, &clients_db));
    must("dbi", mdb_dbi_open(txn, "heads", MDB_CREATE, &heads_db));
    must("commit", mdb_txn_commit(txn));
}

static void put(MDB_txn *txn, MDB_dbi db, uint64_t number, size_t bytes)
{
    char key[20] = "board-number";
    for (int i = 0; i < 8; i++)
        key[12 + i] = (char)(number >> (56 - 8 * i));
    MDB_val k = {sizeof key, key}, v = {bytes, filler};
    must("put", mdb_put(txn, db, &k, &v, 0));
}

static void store_window(void)
{
    MDB_txn *txn;
    must("txn", mdb_txn_begin(env, NULL, 0, &txn));
    for (unsigned i = 0; i < window; i++)
        put(txn, events_db, seq + i, record_bytes);
    for (unsigned i = 0; i < window && i < cards; i++)
        put(txn, entities_db, (seq + i) % cards, entity_bytes);
    put(txn, clients_db, 1, 80);
    put(txn, heads_db, 1, 200);
    must("commit", mdb_txn_commit(txn));
    seq += window;
}

static struct io_uring_sqe *sqe_get(void)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
    if (!sqe) {
        io_uring_submit(&ring);
        sqe = io_uring_get_sqe(&ring);
    }
    return sqe;
}

/* One send a subscriber: everything of this window. MSG_WAITALL has the kernel finish a short one,
 * which does not happen to readers that read. */
static void fan_out(void)
{
    size_t bytes = event_bytes * window;
    for (unsigned i = 0; i < count; i++) {
        struct io_uring_sqe *sqe = sqe_get();
        io_uring_prep_send(sqe, fds[i], log_bytes, bytes, MSG_NOSIGNAL | MSG_WAITALL);
        io_uring_sqe_set_data64(sqe, 1);
    }
    for (unsigned done = 0; done < count;) {
        io_uring_submit_and_wait(&ring, 1);
        struct io_uring_cqe *cqe;
        unsigned head, seen = 0;
        io_uring_for_each_cqe(&ring, head, cqe)
        {
            if (cqe->res < 0) die("send", cqe->res);
            seen++;
        }
        done += seen;
        io_uring_cq_advance(&ring, seen);
    }
}

static void upgrade(int fd)
{
    static const char answer[] = "HTTP/1.1 101 Switching Protocols\r\n"
                                 "Upgrade: websocket\r\n"
                                 "Connection: Upgrade\r\n"
                                 "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
                                 "Sec-WebSocket-Protocol: tavla.v1\r\n\r\n";
    char request[1024];
    if (recv(fd, request, sizeof request, 0) <= 0) die("upgrade", 0);
    send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL);
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static void accept_all(void)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t len = sizeof at;
    if (bind(listener, (struct sockaddr *)&at, sizeof at) || listen(listener, 4096) ||
            getsockname(listener, (struct sockaddr *)&at, &len))
        die("listen", 0);
    printf("%d\n", ntohs(at.sin_port));
    fflush(stdout);
    for (unsigned i = 0; i < count; i++) {
        fds[i] = accept(listener, NULL, NULL);
        if (fds[i] < 0) die("accept", fds[i]);
        upgrade(fds[i]);
    }
}

static void sample_read(const char *path)
{
    FILE *f = fopen(path, "r");
    char *payload = event + 4;
    size_t n = f ? fread(payload, 1, sizeof event - 4, f) : 0;
    if (n < 126) die(path, (int)n);
    fclose(f);
    event[0] = (char)0x81;
    event[1] = 126;
    event[2] = (char)(n >> 8);
    event[3] = (char)n;
    event_bytes = n + 4;
    for (unsigned i = 0; i < window; i++)
        memcpy(log_bytes + i * event_bytes, event, event_bytes);
}

static void ring_open(void)
{
    struct io_uring_params params = {
            .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE,
            .cq_entries = 8192};
    must("ring", io_uring_queue_init_params(1024, &ring, &params));
}

/* Until the author ends: every full window of ops is one fan out. */
static void serve(int author, size_t op_bytes, bool stores)
{
    static char input[1 << 20];
    for (size_t have = 0;;) {
        struct io_uring_sqe *sqe = sqe_get();
        io_uring_prep_recv(sqe, author, input, sizeof input, 0);
        struct io_uring_cqe *cqe;
        io_uring_submit_and_wait(&ring, 1);
        must("wait", io_uring_wait_cqe(&ring, &cqe));
        int got = cqe->res;
        io_uring_cqe_seen(&ring, cqe);
        if (got <= 0) return;
        for (have += (size_t)got; have >= op_bytes * window; have -= op_bytes * window) {
            if (stores) store_window();
            fan_out();
        }
    }
}

int main(int argc, char **argv)
{
    if (argc != 9) die("8 arguments are wanted, see bench/fanout_floor.c; given", argc - 1);
    count = (unsigned)strtoul(argv[2], NULL, 10) + 1;
    window = (unsigned)strtoul(argv[3], NULL, 10);
    size_t op_bytes = strtoull(argv[4], NULL, 10);
    cards = (unsigned)strtoul(argv[5], NULL, 10);
    record_bytes = (unsigned)strtoul(argv[6], NULL, 10);
    entity_bytes = (unsigned)strtoul(argv[7], NULL, 10);
    fds = calloc(count, sizeof *fds);
    log_bytes = malloc(LOG_BYTES);
    if (!fds || !log_bytes || record_bytes > sizeof filler || entity_bytes > sizeof filler)
        die("memory", 0);
    memset(filler, 'x', sizeof filler);
    sample_read(argv[1]);
    bool stores = strcmp(argv[8], "-") != 0;
    if (stores) store_open(argv[8]);
    ring_open();
    accept_all();
    serve(fds[count - 1], op_bytes, stores);
    return 0;
}
