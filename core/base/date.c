#include "core/base/date.h"

#include "core/base/check.h"
#include "core/base/digits.h"

#define DAY_MS 86400000ll
#define MS_MIN (-62167219200000ll) /* 0000-01-01T00:00:00.000Z */
#define MS_MAX 253402300799999ll   /* 9999-12-31T23:59:59.999Z */

/* Days since 1970-01-01 in the proleptic Gregorian calendar. Years begin in March here, so that the
 * leap day is the last of its year and month lengths follow one formula; 400 years have 146,097
 * days. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    if (month <= 2) year--;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void date_of(int64_t days, int64_t *ret_year, int64_t *ret_month, int64_t *ret_day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year =
            (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    *ret_day = day_of_year - (153 * month + 2) / 5 + 1;
    *ret_month = month < 10 ? month + 3 : month - 9;
    *ret_year = year + era * 400 + (*ret_month <= 2 ? 1 : 0);
}

void date_format(int64_t unix_ms, char ret_text[DATE_TEXT + 1])
{
    CHECK(unix_ms >= MS_MIN && unix_ms <= MS_MAX);
    int64_t days = unix_ms / DAY_MS;
    int64_t ms = unix_ms % DAY_MS;
    if (ms < 0) {
        ms += DAY_MS;
        days--;
    }
    int64_t year, month, day;
    date_of(days, &year, &month, &day);
    unsigned of_day = (unsigned)ms;
    char *to = decimal_put_pair(ret_text, (unsigned)year / 100);
    to = decimal_put_pair(to, (unsigned)year % 100);
    *to++ = '-';
    to = decimal_put_pair(to, (unsigned)month);
    *to++ = '-';
    to = decimal_put_pair(to, (unsigned)day);
    *to++ = 'T';
    to = decimal_put_pair(to, of_day / 3600000);
    *to++ = ':';
    to = decimal_put_pair(to, of_day / 60000 % 60);
    *to++ = ':';
    to = decimal_put_pair(to, of_day / 1000 % 60);
    *to++ = '.';
    *to++ = (char)('0' + of_day / 100 % 10);
    to = decimal_put_pair(to, of_day % 100);
    *to++ = 'Z';
    *to = '\0';
}

/* Takes exactly `count` digits off the front; the value must be min .. max. */
static bool take_digits(
        struct slice *rest, size_t count, int64_t min, int64_t max, int64_t *ret_value)
{
    uint64_t value;
    if (rest->len < count || !slice_to_u64(slice_head(*rest, count), &value)) return false;
    if ((int64_t)value < min || (int64_t)value > max) return false;
    *rest = slice_from(*rest, count);
    *ret_value = (int64_t)value;
    return true;
}

static bool take_char(struct slice *rest, char c)
{
    if (rest->len == 0 || rest->ptr[0] != c) return false;
    *rest = slice_from(*rest, 1);
    return true;
}

static int64_t month_days(int64_t year, int64_t month)
{
    static const int64_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* Digits behind the point: milliseconds, the rest cut off as Trello and ECMAScript do. */
static bool take_fraction(struct slice *rest, int64_t *ret_ms)
{
    int64_t ms = 0, weight = 100;
    size_t count = 0;
    while (rest->len > 0 && rest->ptr[0] >= '0' && rest->ptr[0] <= '9') {
        ms += (rest->ptr[0] - '0') * weight;
        weight /= 10;
        count++;
        *rest = slice_from(*rest, 1);
    }
    *ret_ms = ms;
    return count > 0;
}

/* Z, +hh:mm, -hh:mm or nothing, up to the end. */
static bool take_zone(struct slice *rest, int64_t *ret_offset_ms)
{
    int64_t hour, minute;
    *ret_offset_ms = 0;
    if (rest->len == 0) return true;
    if (take_char(rest, 'Z')) return rest->len == 0;
    bool west = take_char(rest, '-');
    if (!west && !take_char(rest, '+')) return false;
    if (!take_digits(rest, 2, 0, 23, &hour) || !take_char(rest, ':') ||
            !take_digits(rest, 2, 0, 59, &minute) || rest->len != 0)
        return false;
    *ret_offset_ms = (hour * 60 + minute) * (west ? -60000 : 60000);
    return true;
}

/* hh:mm[:ss[.fraction]] and the zone, as milliseconds after UTC midnight. */
static bool parse_time(struct slice rest, int64_t *ret_ms)
{
    int64_t hour, minute, second = 0, ms = 0, offset_ms;
    if (!take_digits(&rest, 2, 0, 23, &hour) || !take_char(&rest, ':') ||
            !take_digits(&rest, 2, 0, 59, &minute))
        return false;
    if (take_char(&rest, ':')) {
        if (!take_digits(&rest, 2, 0, 59, &second)) return false;
        if (take_char(&rest, '.') && !take_fraction(&rest, &ms)) return false;
    }
    if (!take_zone(&rest, &offset_ms)) return false;
    *ret_ms = ((hour * 60 + minute) * 60 + second) * 1000 + ms - offset_ms;
    return true;
}

bool date_parse(struct slice text, int64_t *ret_unix_ms)
{
    int64_t year, month, day, time_ms = 0;
    if (!take_digits(&text, 4, 0, 9999, &year) || !take_char(&text, '-') ||
            !take_digits(&text, 2, 1, 12, &month) || !take_char(&text, '-') ||
            !take_digits(&text, 2, 1, month_days(year, month), &day))
        return false;
    if (text.len > 0 && (!take_char(&text, 'T') || !parse_time(text, &time_ms))) return false;
    int64_t unix_ms = days_of(year, month, day) * DAY_MS + time_ms;
    /* An offset may carry the first and the last day of the range out of it. */
    if (unix_ms < MS_MIN || unix_ms > MS_MAX) return false;
    *ret_unix_ms = unix_ms;
    return true;
}
