/* fuzz.h - what every target shares: the entry that libFuzzer and replay.c call.
 *
 * A target takes any bytes and must come back with 0. Finding a bug means not coming back: a
 * CHECK or a sanitizer aborts. So a target that compares two ways of doing the same thing says
 * CHECK, as the code under test does. */
#ifndef TAVLA_TESTS_FUZZ_H
#define TAVLA_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
