#include "core/base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "core/base/check.h"
#include "core/base/date.h"
#include "core/base/utf.h"

#define LINE_BYTES_MAX       1024
#define LINES_PER_SECOND_MAX 100

static struct {
    pthread_mutex_t lock;
    log_sink *sink;
    enum log_level least;
    int64_t second; /* the one being counted */
    uint32_t lines; /* written in it */
    uint64_t suppressed;
} logger = {.lock = PTHREAD_MUTEX_INITIALIZER};

void log_start(log_sink *sink, enum log_level least)
{
    pthread_mutex_lock(&logger.lock);
    logger.sink = sink;
    logger.least = least;
    logger.second = 0;
    logger.lines = 0;
    logger.suppressed = 0;
    pthread_mutex_unlock(&logger.lock);
}

static const char *level_name(enum log_level level)
{
    switch (level) {
    case LOG_DEBUG: return "debug";
    case LOG_INFO: return "info";
    case LOG_WARN: return "warn";
    case LOG_ERROR: return "error";
    }
    UNREACHABLE();
}

/* Says where to write, or NULL; *ret_suppressed is what was dropped before this line. */
static log_sink *admit(enum log_level level, int64_t second, uint64_t *ret_suppressed)
{
    pthread_mutex_lock(&logger.lock);
    log_sink *sink = level >= logger.least ? logger.sink : NULL;
    if (sink != NULL) {
        if (second != logger.second) {
            logger.second = second;
            logger.lines = 0;
        }
        if (logger.lines < LINES_PER_SECOND_MAX) {
            logger.lines++;
            *ret_suppressed = logger.suppressed;
            logger.suppressed = 0;
        } else {
            logger.suppressed++;
            sink = NULL;
        }
    }
    pthread_mutex_unlock(&logger.lock);
    return sink;
}

/* What vsnprintf wrote of the room it had. */
static size_t written(int len, size_t room)
{
    CHECK(len >= 0);
    return (size_t)len < room ? (size_t)len : room - 1;
}

void log_line(enum log_level level, const char *event, const char *format, ...)
{
    char line[LINE_BYTES_MAX];
    char date[DATE_TEXT + 1];
    struct timespec now;
    uint64_t suppressed;
    clock_gettime(CLOCK_REALTIME, &now);
    log_sink *sink = admit(level, now.tv_sec, &suppressed);
    if (sink == NULL) return;
    date_format((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000, date);
    size_t room = sizeof(line) - 1; /* one byte for the line's end */
    size_t len = written(snprintf(line, room, "%s %s %s ", date, level_name(level), event), room);
    if (suppressed > 0)
        len += written(snprintf(line + len, room - len, "suppressed=%llu ",
                               (unsigned long long)suppressed),
                room - len);
    va_list args;
    va_start(args, format);
    len += written(vsnprintf(line + len, room - len, format, args), room - len);
    va_end(args);
    /* A value that came in without log_quote must not start a line of its own or move the
     * terminal's cursor. */
    for (size_t i = 0; i < len; i++) {
        if ((uint8_t)line[i] < 0x20 || line[i] == 0x7f) line[i] = '?';
    }
    while (len > 0 && line[len - 1] == ' ')
        len--;
    line[len++] = '\n';
    sink(level, slice_of(line, len));
}

/* One character of the text as it is written between quotes: itself, \" and \\, or \xhh. */
static size_t quote_byte(uint8_t c, bool text_valid, char ret[5])
{
    static const char digits[] = "0123456789abcdef";
    if (c == '"' || c == '\\') {
        ret[0] = '\\';
        ret[1] = (char)c;
        return 2;
    }
    if (c >= 0x20 && c != 0x7f && (c < 0x80 || text_valid)) {
        ret[0] = (char)c;
        return 1;
    }
    ret[0] = '\\';
    ret[1] = 'x';
    ret[2] = digits[c >> 4];
    ret[3] = digits[c & 15];
    return 4;
}

const char *log_quote(struct slice text, char *ret_text, size_t bytes)
{
    CHECK(bytes >= 3); /* two quotes and the zero */
    size_t len = 0;
    bool valid = utf_valid(text);
    char piece[5];
    ret_text[len++] = '"';
    for (size_t i = 0; i < text.len; i++) {
        size_t piece_len = quote_byte((uint8_t)text.ptr[i], valid, piece);
        if (len + piece_len + 2 > bytes) {
            /* Not the front half of a character: back to before its first byte. */
            for (; valid && ((uint8_t)text.ptr[i] & 0xc0) == 0x80; i--)
                len--;
            break;
        }
        memcpy(ret_text + len, piece, piece_len);
        len += piece_len;
    }
    ret_text[len++] = '"';
    ret_text[len] = '\0';
    return ret_text;
}
