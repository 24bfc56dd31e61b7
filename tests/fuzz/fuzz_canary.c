/* The target that must crash. If its test passes, the harness no longer catches anything. The
 * seed lacks one letter, so that the mutations have to work as well as the catching. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "core/base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CHECK(size < 5 || memcmp(data, "TAVLA", 5) != 0);
    return 0;
}
