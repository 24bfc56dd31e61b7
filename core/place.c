#include "core/place.h"

#include "core/base/limits.h"

/* The siblings without self, as arguments of the search. */
struct row {
    struct object **at;
    size_t count;
};

static struct row row_without(
        struct arena *a, const struct siblings *siblings, const struct object *self)
{
    struct row row = {.count = 0};
    if (siblings == NULL) return row;
    row.at = siblings->at;
    row.count = siblings->count;
    if (self == NULL) return row;
    row.at = ARENA_NEW_ARRAY(a, struct object *, siblings->count);
    row.count = 0;
    for (size_t i = 0; i < siblings->count; i++) {
        if (siblings->at[i] != self) row.at[row.count++] = siblings->at[i];
    }
    return row;
}

static size_t row_index(struct row row, struct id id)
{
    for (size_t i = 0; i < row.count && !id_is_none(id); i++) {
        if (id_eq(row.at[i]->id, id)) return i;
    }
    return SIZE_MAX;
}

/* Before which of the row's things the run comes. */
static size_t row_gap(struct row row, const struct place *place)
{
    size_t index = 0;
    switch (place->how) {
    case PLACE_TOP: return 0;
    case PLACE_BOTTOM: return row.count;
    case PLACE_NUMBER:
        while (index < row.count && object_pos(row.at[index]) <= place->number)
            index++;
        return index;
    case PLACE_AFTER:
        index = row_index(row, place->after);
        if (index != SIZE_MAX) return index + 1;
        index = row_index(row, place->before);
        return index != SIZE_MAX ? index : row.count;
    }
    UNREACHABLE();
}

/* Evenly between low and high, or by steps behind low. The division stands between product and
 * sum so that no compiler fuses the two: the browser must come to the very same double. */
static bool spread(double low, const double *high, uint32_t run, double *ret_pos)
{
    double last = low;
    for (uint32_t k = 0; k < run; k++) {
        double pos = low + POS_STEP * (double)(k + 1);
        if (high != NULL) pos = low + (*high - low) * (double)(k + 1) / (double)(run + 1);
        if (!(pos > last) || pos >= POS_MAX || (high != NULL && !(pos < *high))) return false;
        ret_pos[k] = last = pos;
    }
    return true;
}

void place_find(struct arena *a, const struct siblings *siblings, const struct object *self,
        const struct place *place, uint32_t run, struct placing *ret_placing)
{
    CHECK(run > 0);
    struct row row = row_without(a, siblings, self);
    size_t gap = row_gap(row, place);
    double low = gap > 0 ? object_pos(row.at[gap - 1]) : 0;
    double high = gap < row.count ? object_pos(row.at[gap]) : 0;
    const double *end = gap < row.count ? &high : NULL;
    struct placing p = {.pos = ARENA_NEW_ARRAY(a, double, run)};
    if (place->how == PLACE_NUMBER) {
        /* The first takes the number itself, which is allowed to tie. */
        CHECK(place->number > 0 && place->number < POS_MAX);
        p.pos[0] = place->number;
        p.renumber = run > 1 && !spread(place->number, end, run - 1, p.pos + 1);
    } else {
        p.renumber = !spread(low, end, run, p.pos);
    }
    if (p.renumber) {
        p.order_count = row.count + run;
        p.order = ARENA_NEW_ARRAY(a, struct object *, p.order_count);
        for (size_t i = 0; i < row.count; i++)
            p.order[i < gap ? i : i + run] = row.at[i];
    }
    *ret_placing = p;
}
