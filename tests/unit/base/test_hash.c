#include "core/base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Small parts are hashed at once, others one after the other: a log has both. */
static void test_hash__a_link_is_the_same_wherever_its_text_is_cut(void **state)
{
    struct hash128 prev = {{1, 2, 3}};
    char text[1500], last[17] = "";
    (void)state;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(i * 7);
    for (size_t cut = 0; cut <= sizeof text; cut++) {
        char h[17];
        struct hash128 next = hash_chain(
                prev, slice_of(text, cut), slice_of(text + cut, sizeof text - cut));
        hash_head_format(next, h);
        if (cut > 0) assert_string_equal(h, last);
        memcpy(last, h, sizeof last);
    }
    assert_string_equal(last, "eed61b08599c5a1c");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_hash__a_link_is_the_same_wherever_its_text_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
