/* log.h - what the admin reads: one line a happening, `time level event key=value ...`, to a sink.
 *
 * main sets the sink (stderr); without one nothing is written. Values that come from people go
 * through %s of log_quote, so no line can be forged. Never secrets, never card text. At most 100
 * lines a second; what was dropped is counted in the next line. Any thread. */
#ifndef TAVLA_BASE_LOG_H
#define TAVLA_BASE_LOG_H

#include "core/base/slice.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

typedef void log_sink(enum log_level level, struct slice line); /* line ends with \n; any thread */

void log_start(log_sink *sink, enum log_level least);
void log_line(enum log_level level, const char *event, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

#define log_debug(event, ...) log_line(LOG_DEBUG, event, __VA_ARGS__)
#define log_info(event, ...)  log_line(LOG_INFO, event, __VA_ARGS__)
#define log_warn(event, ...)  log_line(LOG_WARN, event, __VA_ARGS__)
#define log_error(event, ...) log_line(LOG_ERROR, event, __VA_ARGS__)

/* text with quotes and escapes, cut to what fits; returns ret_text */
const char *log_quote(struct slice text, char *ret_text, size_t bytes);

#endif
