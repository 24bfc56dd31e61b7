/* Digests against the standards' own vectors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/buf.h"
#include "net/crypto.h"

static void assert_hex(const uint8_t *digest, size_t len, const char *want)
{
    struct buf text;
    buf_init(&text, 256);
    buf_add_hex(&text, digest, len);
    buf_add_char(&text, 0);
    assert_string_equal(text.ptr, want);
    buf_fini(&text);
}

static void test_digests__match_the_published_vectors(void **state)
{
    (void)state;
    uint8_t one[CRYPTO_SHA1_BYTES];
    uint8_t two[CRYPTO_SHA256_BYTES];
    crypto_sha1(SLICE("abc"), one);
    assert_hex(one, sizeof(one), "a9993e364706816aba3e25717850c26c9cd0d89d");
    crypto_sha1(slice_of(NULL, 0), one);
    assert_hex(one, sizeof(one), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    crypto_sha256(SLICE("abc"), two);
    assert_hex(
            two, sizeof(two), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    crypto_sha256(slice_of(NULL, 0), two);
    assert_hex(
            two, sizeof(two), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void test_random__differs_and_fills_every_byte(void **state)
{
    (void)state;
    uint8_t a[64] = {0};
    uint8_t seen[64] = {0};
    for (int round = 0; round < 64; round++) {
        crypto_random(a, sizeof(a));
        for (size_t i = 0; i < sizeof(a); i++) {
            seen[i] |= a[i];
        }
    }
    for (size_t i = 0; i < sizeof(seen); i++) {
        assert_int_equal(seen[i], 255); /* 64 random bytes or'ed miss a bit once in 2^61 */
    }
    crypto_random(NULL, 0);
}

static void test_equal__compares_every_byte(void **state)
{
    (void)state;
    uint8_t a[32];
    uint8_t b[32];
    crypto_random(a, sizeof(a));
    memcpy(b, a, sizeof(a));
    assert_true(crypto_equal(a, b, sizeof(a)));
    for (size_t i = 0; i < sizeof(a); i++) {
        b[i] ^= 1;
        assert_false(crypto_equal(a, b, sizeof(a)));
        b[i] ^= 1;
    }
    assert_true(crypto_equal(a, b, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_digests__match_the_published_vectors),
            cmocka_unit_test(test_random__differs_and_fills_every_byte),
            cmocka_unit_test(test_equal__compares_every_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
