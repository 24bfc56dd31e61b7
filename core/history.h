/* history.h - a board's past, out of its log: events from the newest to the oldest, and the state
 * at any of them.
 *
 * The log keeps with every event what it replaced, so the past is made from the present by
 * taking events back, newest first; nothing else is stored for it. Reader thread, in one view. */
#ifndef TAVLA_CORE_HISTORY_H
#define TAVLA_CORE_HISTORY_H

#include "core/effect.h"
#include "core/view.h"

/* Calls fn for every record from seq `from` down to `to`, which both are in the log. fn's error
 * stops and is returned; the slices are the view's. */
typedef enum err history_fn(
        void *context, uint64_t seq, struct slice public_json, struct slice old_json);
enum err history_walk(
        struct board_view *bv, uint64_t from, uint64_t to, history_fn *fn, void *context);

/* The last event at or before a time: a binary search over the log. ERR_GONE_POSITION where that
 * is below the floor; 0 before the board's first event. */
enum err history_seq_at(
        struct board_view *bv, int64_t time_ms, uint64_t *ret_seq, struct fault *fault);

/* The time of one event in the log. */
enum err history_time_of(struct board_view *bv, uint64_t seq, int64_t *ret_time_ms);

/* Can it be taken back to after event `seq`? ERR_GONE_POSITION below the log's floor, ERR_INVALID
 * beyond its head, ERR_TOO_LARGE where more than HISTORY_EVENTS_MAX events lie between. */
enum err history_check(const struct board_view *bv, uint64_t seq, struct fault *fault);
/* Takes b, which is the board of the view with all its kinds, back to what it was after event
 * `seq`. Texts are not in it. Refuses as history_check does, and on any other error leaves b
 * between two events. */
enum err history_rewind(struct board_view *bv, struct board *b, uint64_t seq, struct fault *fault);

/* Says in one message what there is: for a position that the log has not. */
enum err history_gone(const struct board_view *bv, struct fault *fault, const char *field);

#endif
