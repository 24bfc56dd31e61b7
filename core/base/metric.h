/* metric.h - counters and gauges, one table, rendered as Prometheus text (exposition format 0.0.4).
 * Relaxed atomics: any thread adds, /metrics reads. Adding a row is the whole change. */
#ifndef TAVLA_BASE_METRIC_H
#define TAVLA_BASE_METRIC_H

#include <stdatomic.h>
#include <stdint.h>

#include "core/base/buf.h"

/* clang-format off */
#define METRIC_TABLE(X) /* name                 type      help */                                              \
    X(connections,              gauge,   "open connections")                                                   \
    X(connections_total,        counter, "connections accepted")                                               \
    X(connections_refused_total,counter, "connections refused for want of a slot or by the address limit")     \
    X(closed_slow_total,        counter, "connections closed 4202: no byte taken for 30 s")                    \
    X(closed_protocol_total,    counter, "connections closed for a broken frame or message")                   \
    X(http_requests_total,      counter, "HTTP requests answered")                                             \
    X(http_errors_total,        counter, "HTTP requests answered 4xx or 5xx")                                  \
    X(ws_messages_in_total,     counter, "WebSocket messages received")                                        \
    X(live_subscribers,         gauge,   "connections following a board")                                      \
    X(ops_total,                counter, "op messages judged")                                                 \
    X(ops_rejected_total,       counter, "op messages rejected")                                               \
    X(ops_duplicate_total,      counter, "op messages answered dup")                                           \
    X(transfers_total,          counter, "op messages that moved cards to another board")                      \
    X(events_total,             counter, "events committed")                                                   \
    X(deliveries_total,         counter, "event frames handed to subscribers")                                 \
    X(catchups_total,           counter, "subscribers brought up from the log")                                \
    X(snapshots_total,          counter, "snapshots sent")                                                     \
    X(presence_sessions,        gauge,   "sessions present on boards")                                         \
    X(presence_in_total,        counter, "presence messages taken")                                            \
    X(presence_steps_total,     counter, "presence frames made, one a board and tick")                         \
    X(presence_sent_total,      counter, "presence frames handed to subscribers")                              \
    X(resyncs_total,            counter, "subscribers resynced with a snapshot")                               \
    X(commits_total,            counter, "storage transactions committed")                                     \
    X(commit_failures_total,    counter, "storage transactions that failed")                                   \
    X(commit_events_total,      counter, "events in committed transactions")                                   \
    X(commit_us_total,          counter, "microseconds spent in storage transactions")                         \
    X(batches_void_total,       counter, "batches answered VOID")                                              \
    X(batches_refused_total,    counter, "batches answered REFUSED")                                           \
    X(batches_unknown_total,    counter, "batches answered UNKNOWN")                                           \
    X(log_dropped_total,        counter, "log records dropped because they were older than what is kept")      \
    X(files_removed_total,      counter, "uploaded files removed because nothing could name them any more")    \
    X(past_states_total,        counter, "boards shown as they were")                                          \
    X(past_events_total,        counter, "events taken back to show them")                                     \
    X(boards_loaded,            gauge,   "boards in memory")                                                   \
    X(board_loads_total,        counter, "boards loaded from storage")                                         \
    X(board_evictions_total,    counter, "idle boards dropped from memory")                                    \
    X(imports_total,            counter, "imports finished")                                                   \
    X(corrupt_records_total,    counter, "stored records that failed their checksum")                          \
    X(recv_starved_total,       counter, "times a receive found no provided buffer")                           \
    X(stale_completions_total,  counter, "completions for a slot that was reused since")
/* clang-format on */

enum metric {
#define X(name, type, help) METRIC_##name,
    METRIC_TABLE(X)
#undef X
            METRIC_COUNT
};

extern _Atomic uint64_t metric_values[METRIC_COUNT];

static inline void metric_add(enum metric m, uint64_t by)
{
    atomic_fetch_add_explicit(&metric_values[m], by, memory_order_relaxed);
}

static inline void metric_sub(enum metric m, uint64_t by)
{
    atomic_fetch_sub_explicit(&metric_values[m], by, memory_order_relaxed);
}

void metric_render(struct buf *out); /* every row as tavla_<name> */

#endif
