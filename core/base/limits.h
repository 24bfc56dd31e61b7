/* limits.h - every limit of the program: its unit, why it is what it is, what happens at it.
 *
 * The second column is the TINY build (simulation and fuzzing), in which limits are small enough to
 * be reached. */
#ifndef TAVLA_BASE_LIMITS_H
#define TAVLA_BASE_LIMITS_H

#include <stddef.h>
#include <stdint.h>

#ifdef TAVLA_TINY
#define LIMIT(normal, tiny) (tiny)
#else
#define LIMIT(normal, tiny) (normal)
#endif

#define KIB(n) ((size_t)1024 * (n))
#define MIB(n) ((size_t)1024 * 1024 * (n))

/* -- JSON that peers send (reliability W14): elements are bounded, not only bytes. When hit:
 * ERR_INVALID. */
#define JSON_DEPTH_MAX        16
#define JSON_ITEMS_MAX        LIMIT(2000, 200) /* members and elements of one object or array */
#define JSON_NUMBER_CHARS_MAX 32

/* -- the model. Trello's own numbers where it states them. When hit: ERR_INVALID naming the field,
 * or ERR_QUOTA. */
#define NAME_UNITS_MAX        16384   /* UTF-16 units of a name */
#define TEXT_UNITS_MAX        16384   /* UTF-16 units of desc */
#define SHORT_TEXT_UNITS_MAX  512     /* colours, enum-like strings, locations */
#define JSON_FIELD_BYTES_MAX  KIB(16) /* prefs, cover, coordinates as canonical JSON */
#define LISTS_PER_BOARD_MAX   LIMIT(3000, 60)
#define CARDS_PER_BOARD_MAX   LIMIT(200000, 400)
#define LABELS_PER_BOARD_MAX  LIMIT(1000, 40)
#define MEMBERS_PER_BOARD_MAX LIMIT(5000, 60)
#define LINKS_PER_BOARD_MAX   LIMIT(100, 5) /* open links of a board's admins */
#define ORGANIZATIONS_PER_MEMBER_MAX LIMIT(100, 5) /* that one may be in */
#define MEMBERS_PER_ORGANIZATION_MAX LIMIT(1000, 8) /* the barrier of a board looks at each */
#define ORGANIZATION_NAME_CHARS_MAX  60
#define PERSON_NAME_UNITS_MAX 100           /* of somebody invited: it stands on every card */
#define CHECKLISTS_PER_BOARD_MAX  LIMIT(100000, 100)
#define CHECKLISTS_PER_CARD_MAX   LIMIT(200, 6)
#define CHECK_ITEMS_PER_BOARD_MAX LIMIT(400000, 200)
#define ITEMS_PER_CHECKLIST_MAX   LIMIT(500, 12)
#define COMMENTS_PER_BOARD_MAX    LIMIT(400000, 200)
#define COMMENTS_PER_CARD_MAX     LIMIT(10000, 12)
#define REACTIONS_PER_COMMENT_MAX LIMIT(200, 6)
#define EMOJI_BYTES_MAX           40 /* a family of four with skin tones */
#define ATTACHMENTS_PER_BOARD_MAX LIMIT(200000, 100)
#define ATTACHMENTS_PER_CARD_MAX  LIMIT(1000, 6)
#define CUSTOM_FIELDS_MAX         LIMIT(200, 6) /* of one board */
#define OPTIONS_PER_FIELD_MAX     LIMIT(500, 6)
#define FIELD_ITEMS_PER_BOARD_MAX LIMIT(400000, 200)
#define SET_ELEMENTS_MAX          200 /* labels or members on one card */
#define VOTES_PER_CARD_MAX        LIMIT(1000, 5)
/* objects of one copy of a list: below JSON_ITEMS_MAX; its bytes: below EVENT_BYTES_MAX */
#define COPY_OBJECTS_MAX          LIMIT(1900, 150)
#define COPY_BYTES_MAX            KIB(768)
/* watched things of one shelf, no more there, that go when something new is watched */
#define WATCHES_CLEARED_MAX       LIMIT(50, 3)
#define POS_STEP              65536.0
#define POS_MAX               9007199254740992.0 /* 2^53 */

/* -- ops and events */
#define OPS_PER_MESSAGE_MAX LIMIT(100, 8) /* ops in one atomic message; ERR_TOO_LARGE */
#define OP_BYTES_MAX        KIB(128)      /* one op message; ERR_TOO_LARGE */
#define EVENT_BYTES_MAX     MIB(1)        /* one encoded event with old; ERR_TOO_LARGE */
#define CLIENT_ID_CHARS_MAX 32            /* `cl` */
#define CLIENT_ROW_DAYS     30
#define REQUEST_ROW_HOURS   24 /* of a REST request with an Idempotency-Key */
/* refused n remembered per client: the most that may be unanswered */
#define REFUSED_KEPT 64
/* of one cards.set: whose newer values of so many cards were overwritten is said */
#define OVERWRITTEN_CARDS_MAX 64
/* clients remembered; past it those with nothing accepted or past their time are forgotten */
#define CLIENTS_PER_BOARD_MAX LIMIT(10000, 48)
/* texts left in memory after a batch (1 MiB); past it all are dropped and read again */
#define DOCS_PER_BOARD_KEPT LIMIT(20, 3)
#define EFFECT_IDS_MAX      LIMIT(1000, 20) /* ids in one effect: more become several effects */

/* -- the engine's queues: backpressure, never loss. When hit: senders are not read further. */
#define TAIL_EVENTS_MAX  LIMIT(4096, 32) /* hot tail of a board */
#define TAIL_BYTES_MAX   LIMIT(MIB(1), KIB(16))
/* Events of one board in one commit. Of many more waiting, a part goes early: while it is stored,
 * the answers of the last one go out and what comes in is read. */
#define BATCH_EVENTS_MAX LIMIT(256, 8)
#define BATCH_BYTES_MAX  MIB(2)
/* commands waiting for one board: then its senders pause */
#define BOARD_QUEUE_MAX LIMIT(1024, 16)
/* events with the writer: then the engine stops resolving */
#define WRITER_EVENTS_MAX LIMIT(4096, 32)
/* unanswered commands of one connection: then it is not read */
#define CONN_COMMANDS_MAX LIMIT(64, 4)
#define BOARD_IDLE_MS     300000 /* an untouched, unwatched board leaves memory */

/* -- HTTP (RFC 9112; reliability H1-H8) */
#define HTTP_LINE_BYTES_MAX KIB(16)
/* under /1/, once the first 16 KiB showed a valid session or token */
#define HTTP_LINE_BYTES_MAX_SIGNED KIB(256)
#define HTTP_HEAD_BYTES_MAX        KIB(16) /* fields, without the request line */
#define HTTP_FIELDS_MAX            100
#define HTTP_BODY_BYTES_MAX        MIB(1) /* a body kept in memory */
/* of one attached file, unless --attachment-max says otherwise, and what that may say; 413 */
#define ATTACHMENT_MIB_DEFAULT     100
#define ATTACHMENT_MIB_MAX         10240
#define HTTP_IMPORT_BYTES_MAX      ((uint64_t)1 << 30)
#define HTTP_HEAD_TIMEOUT_MS       LIMIT(10000, 500)
#define HTTP_BODY_SILENCE_MS       LIMIT(10000, 500)
#define HTTP_IDLE_TIMEOUT_MS       LIMIT(60000, 900)
#define HTTP_REQUESTS_PER_CONN_MAX 100000

/* -- WebSocket (RFC 6455) and the live protocol */
#define WS_MESSAGE_BYTES_MAX_FIRST KIB(4)            /* before hello; 1009 */
#define WS_MESSAGE_BYTES_MAX       MIB(1)            /* after; 1009 */
#define WS_FRAGMENTS_MAX           64                /* 1002 */
#define WS_MESSAGE_TIMEOUT_MS      LIMIT(10000, 500) /* first fragment to last; 1002 */
#define LIVE_HELLO_TIMEOUT_MS      10000             /* 4009 */
#define LIVE_HEARTBEAT_MS          LIMIT(25000, 700)
#define LIVE_PONG_TIMEOUT_MS       LIMIT(10000, 400) /* 4201 */
#define LIVE_OPS_PER_SECOND        50
#define LIVE_OPS_BURST             200
#define LIVE_REPLAY_EVENTS_MAX     LIMIT(10000, 20) /* dearer than this: snapshot */
#define SNAPSHOT_PART_BYTES        KIB(256)

/* -- the past, read out of the log */
/* taken back for one view of a past moment, about a second's work; ERR_TOO_LARGE */
#define HISTORY_EVENTS_MAX LIMIT(100000, 500)
/* records looked through, and decoded, for one page of actions; when hit: the page ends early */
#define ACTIONS_LOOKED_MAX  LIMIT(200000, 400)
#define ACTIONS_READ_MAX    LIMIT(10000, 200)
#define ACTIONS_PAGE_MAX    1000
#define ACTIONS_TEXT_RUN_MS (10 * 60 * 1000) /* edits of one text closer than this are one */

/* -- presence: never stored, so at each of these less is shown and nothing is lost */
#define PRESENCE_LISTED_MAX      LIMIT(200, 5) /* seats named in a frame; more are counted */
#define PRESENCE_FEW             LIMIT(50, 3)  /* above: no carets, and slower */
#define PRESENCE_FIELD_CHARS_MAX 16
#define PRESENCE_PACE_MS         100  /* between two frames of a board */
#define PRESENCE_PACE_CROWD_MS   250  /* above PRESENCE_FEW */
#define PRESENCE_PACE_PRESSED_MS 1000 /* above PRESENCE_LISTED_MAX, or when the board is busy */
#define PRESENCE_POST_MS         50   /* between two values of one connection */
#define PRESENCE_GRACE_MS        5000 /* a connection that ended may come back: a reload */
/* without a word for so long nobody writes or drags any more */
#define PRESENCE_SILENCE_MS 30000

/* -- search */
#define SEARCH_TERMS_MAX       32       /* of one query; more are not looked at */
#define SEARCH_QUERY_BYTES_MAX KIB(8) /* ERR_INVALID */
#define SEARCH_FOUND_MAX       1000    /* cards, boards or people in one answer; Trello's */
#define SEARCH_FOUND_DEFAULT   10
#define SEARCH_PAGE_MAX        100 /* cards_page */

/* -- connections */
#define CONNS_PER_ADDRESS_MAX 256 /* loopback exempt; refused at accept */
#define CONNS_PER_MEMBER_MAX  50  /* 4100 */
/* private frames of one connection: then it is not read */
#define PRIVATE_QUEUE_BYTES_MAX MIB(2)
/* what is made at the reader's pace, a snapshot or a download, goes on below it */
#define PRIVATE_QUEUE_BYTES_LOW KIB(64)
#define SLOW_CHECK_MS           LIMIT(10000, 200)
/* no byte acknowledged for so long with bytes waiting: 4202 */
#define SLOW_CLOSE_MS       LIMIT(30000, 1000)
#define NOTSENT_LOWAT_BYTES KIB(128)
#define CONN_LINGER_MS      2000 /* from our last byte to the peer's end: then closed without it */

/* -- feeds */
#define FEED_SEGMENT_BYTES_FIRST KIB(4)
#define FEED_SEGMENT_BYTES_MAX   KIB(256)
#define FEED_BYTES_KEPT          MIB(1)
#define FEED_IDLE_MS             60000
#define FEED_SENDS_PER_TURN      128
#define FEED_CHUNK_BYTES         KIB(64)

/* -- rings */
#define RING_ENTRIES          1024
#define RECV_BUFFER_BYTES     KIB(8)
#define RECV_BUFFERS          128 /* per loop; power of two */
#define RECV_BUFFERS_PER_TURN 16  /* of one connection */

/* -- storage */
#define STORAGE_MAP_BYTES_MIN ((uint64_t)64 << 30)
#define STORAGE_READERS_MAX   126
#define LOG_KEEP_EVENTS       10000
#define LOG_KEEP_DAYS         7
/* batches of one transaction: far from LMDB's spilling; the rest goes into the next */
#define STORAGE_TXN_BYTES_MAX  MIB(32)
#define STORAGE_READ_THREADS   4
#define STORAGE_VIEW_BYTES_MAX MIB(1024)             /* scratch of one read; our own bug beyond */
#define STORAGE_FREE_BYTES_LOW ((uint64_t)256 << 20) /* less free disk is never enough: read-only */
/* more is always enough, however large the disk */
#define STORAGE_FREE_BYTES_ENOUGH ((uint64_t)2 << 30)
#define STORAGE_BALLAST_BYTES     ((uint64_t)16 << 20) /* given back when the disk is full */
/* failed commits in a row: the program ends, its supervisor starts it again */
#define STORAGE_FAILURES_MAX    3
#define STORAGE_TRIM_RECORDS    256   /* log records dropped in one transaction */
#define STORAGE_TICK_MS         10000 /* free space, log floor */
#define STORAGE_READER_CHECK_MS 60000 /* reader slots of dead threads */
/* uploaded files that nothing names any more: small steps, seldom, as nothing waits for them */
#define SWEEP_FIRST_MS  600000
#define SWEEP_EVERY_MS  21600000
#define SWEEP_GRACE_MS  3600000 /* far more than an event takes from reading a name to the disk */
#define SWEEP_STEP_MS   1000
#define SWEEP_ROWS_MAX  4096 /* looked at in one step */
#define SWEEP_BYTES_MAX MIB(4)
#define SWEEP_FILES_MAX 16    /* removed in one step */
#define SWEEP_NAMES_MAX 65536 /* about: looked for in one round; the rest in the next */

/* -- import */
#define IMPORT_ELEMENT_BYTES_MAX MIB(1) /* one card or action of an export */
#define IMPORT_BATCH_OBJECTS     200
#define IMPORTS_AT_ONCE          2

_Static_assert(EVENT_BYTES_MAX <= BATCH_BYTES_MAX, "an event fits a batch");
_Static_assert(OP_BYTES_MAX <= WS_MESSAGE_BYTES_MAX, "an op fits a message");
_Static_assert(FEED_CHUNK_BYTES <= FEED_SEGMENT_BYTES_MAX, "a chunk fits a segment");
_Static_assert((RECV_BUFFERS & (RECV_BUFFERS - 1)) == 0, "a buffer ring's size is a power of two");

#endif
