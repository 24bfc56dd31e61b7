/* record.h - values behind the envelope.
 *
 *   event     u32 public length | public JSON | old JSON
 *   head      canonical JSON
 *   entity    canonical JSON, the wire's own form: nothing to do here
 *   text      u64 s | UTF-8
 *   client    u64 last_n | u64 seq | u64 used_ms | u64 refused ...
 *   location  board(12) | kind(1)          ids: the id itself is the key
 *             board(12) | kind(1) | id(12) shorts
 *   role      u8
 *
 * Binary numbers are little-endian. Writers fill memory of exactly the size their _bytes names,
 * so that a record is built in LMDB's page. Readers return false (head: ERR_CORRUPT) on anything
 * of another form. Any thread. */
#ifndef TAVLA_STORAGE_RECORD_H
#define TAVLA_STORAGE_RECORD_H

#include "core/effect.h"
#include "core/view.h"

#define LOCATION_BYTES       (ID_BYTES + 1)
#define LOCATION_SHORT_BYTES (2 * ID_BYTES + 1)

size_t record_event_bytes(const struct event *e);
void record_event_write(const struct event *e, char *to);
bool record_event_read(struct slice value, struct slice *ret_public, struct slice *ret_old);
/* From the sealed public form, without reading the tree: the event's time, and the h it ends
 * with. */
bool record_event_ts(struct slice public_json, int64_t *ret_ts);
bool record_event_h(struct slice public_json, uint64_t *ret_h);

void record_head_write(const struct board_head *head, struct buf *out);
enum err record_head_read(struct arena *scratch, struct slice value, struct board_head *ret_head);

size_t record_text_bytes(struct slice text);
void record_text_write(uint64_t s, struct slice text, char *to);
bool record_text_read(struct slice value, uint64_t *ret_s, struct slice *ret_text);

size_t record_client_bytes(const struct client_row *row);
void record_client_write(const struct client_row *row, char *to);
bool record_client_read(
        struct slice value, struct client_row *ret_row); /* actor and cl come from the key */

void record_location_write(struct id board, enum kind kind, char to[LOCATION_BYTES]);
bool record_location_read(struct slice value,
        struct location *ret_location); /* either form; id only from the long one */

bool record_role_read(struct slice value, enum role *ret_role);

#endif
