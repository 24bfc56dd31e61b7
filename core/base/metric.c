#include "core/base/metric.h"

_Atomic uint64_t metric_values[METRIC_COUNT];

struct metric_row {
    const char *name;
    const char *type;
    const char *help;
};

static const struct metric_row rows[METRIC_COUNT] = {
#define X(name, type, help) [METRIC_##name] = {#name, #type, help},
        METRIC_TABLE(X)
#undef X
};

void metric_render(struct buf *out)
{
    for (size_t i = 0; i < METRIC_COUNT; i++) {
        uint64_t value = atomic_load_explicit(&metric_values[i], memory_order_relaxed);
        buf_add_format(out, "# HELP tavla_%s %s\n# TYPE tavla_%s %s\ntavla_%s %llu\n", rows[i].name,
                rows[i].help, rows[i].name, rows[i].type, rows[i].name, (unsigned long long)value);
    }
}
