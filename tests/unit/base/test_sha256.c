/* SHA-256 against the examples of its standard, the same at every cut. */
#include "tests/unit/net/cut.h"

#include "core/base/sha256.h"

static void run_hash(
        const void *context, const struct slice *pieces, size_t count, struct buf *trace)
{
    struct sha256 s;
    char hex[SHA256_TEXT + 1];
    (void)context;
    sha256_init(&s);
    for (size_t i = 0; i < count; i++)
        sha256_add(&s, pieces[i]);
    sha256_end(&s, hex);
    buf_add(trace, slice_cstr(hex));
}

static void hash_is(struct slice bytes, const char *hex)
{
    struct buf trace;
    buf_init(&trace, 1024);
    cut_check(run_hash, NULL, bytes, &trace);
    assert_true(slice_eq(buf_slice(&trace), slice_cstr(hex)));
    buf_fini(&trace);
}

static void test_sha256__is_the_standards(void **state)
{
    (void)state;
    hash_is(SLICE(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    hash_is(SLICE("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    hash_is(SLICE("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    struct slice many = cut_repeat('a', 1000000);
    hash_is(many, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    test_free((void *)(uintptr_t)many.ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sha256__is_the_standards)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
