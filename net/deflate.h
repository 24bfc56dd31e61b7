/* deflate.h - the door to zlib: gzip for HTTP bodies, permessage-deflate (RFC 7692) for
 * WebSocket messages.
 *
 * WebSocket compression here never carries a context from message to message, in either
 * direction: a context would cost some 40 KiB a connection for ever and make one message's size
 * tell about another's text. What a peer's bytes inflate to is counted while they inflate and
 * stops at the caller's limit, so a bomb costs its limit and no more. An inflater belongs to one
 * connection and one thread; the rest may be called by any thread. */
#ifndef TAVLA_NET_DEFLATE_H
#define TAVLA_NET_DEFLATE_H

#include "net/http.h"

/* Appends `in` as one gzip member. level 1..9. ERR_TOO_LARGE when out is full; then out holds
 * what it held before. */
enum err gzip_pack(struct buf *out, struct slice in, int level);

/* What was agreed in a handshake. */
struct ws_deflate {
    bool on;
    uint8_t server_window_bits; /* 9..15: our messages */
    uint8_t client_window_bits; /* 8..15: theirs */
    bool server_bits_said;      /* the peer asked for a window, so the answer names it */
    bool client_bits_said;      /* the peer can be told a window, so the answer does */
};

/* Takes the first acceptable offer of Sec-WebSocket-Extensions; false, with `on` false, when
 * there is none. An offer with an unknown, repeated or malformed parameter is declined, not
 * refused: RFC 7692 section 5.1. */
bool ws_deflate_offer(const struct http_request *q, struct ws_deflate *ret);
/* The value of our Sec-WebSocket-Extensions field. */
bool ws_deflate_answer(const struct ws_deflate *d, struct buf *out);

/* Appends the payload of a message to be sent with RSV1 (ws.h: WS_OP_TEXT_DEFLATED).
 * ERR_TOO_LARGE as above. */
enum err ws_deflate_pack(struct buf *out, struct slice message, const struct ws_deflate *d);

/* -- one message of a peer, pushed piece by piece */

struct inflater; /* heap, opaque: about 40 KiB while it lives */

enum inflate_status {
    INFLATE_MORE,  /* all input used */
    INFLATE_BLOCK, /* output written, input may be left: look at it and call again */
    INFLATE_FULL,  /* the message is larger than bytes_max */
    INFLATE_BAD,   /* not deflate data; what came before the error was written to out */
};

struct inflater *inflater_new(void);
struct inflater *inflater_free(struct inflater *i);
void inflater_begin(struct inflater *i); /* a new message */
/* Appends at most one block of a few KiB to out; out never holds more than bytes_max. *in moves
 * past what was used. */
enum inflate_status inflater_feed(
        struct inflater *i, struct slice *in, struct buf *out, size_t bytes_max);
/* The end of the message, after INFLATE_MORE: call until it is not INFLATE_BLOCK. INFLATE_MORE:
 * complete. */
enum inflate_status inflater_end(struct inflater *i, struct buf *out, size_t bytes_max);

#endif
