#!/usr/bin/env python3
"""fold_table.py > fold_table.h - what each character becomes when case and accents do not count.

The browser client folds with normalize('NFKD'), without \\p{M}, in lower case; this is the same for
the scripts that have case or accents, and leaves the others (Hangul, Han, symbols) as they are."""

import unicodedata

PAGES = [*range(0x00, 0x07), *range(0x09, 0x11), 0x1C, 0x1E, 0x1F, 0x20, 0x21, 0x2C, 0x30, 0xFF]
LIGATURES = range(0xFB00, 0xFB07)
HALFWIDTH = range(0xFF61, 0xFFE0)
DIRECT_END = 0x250
WIDTH = 100


def fold(character):
    parts = unicodedata.normalize('NFKD', character)
    kept = ''.join(c for c in parts if unicodedata.category(c)[0] != 'M')
    return kept.lower().replace('\u03c2', '\u03c3')  # a final sigma is a sigma


def points():
    for page in PAGES:
        yield from range(page << 8, (page << 8) + 256)
    yield from LIGATURES


def table():
    for point in sorted(points()):
        character = chr(point)
        if point < 0x80 or point in HALFWIDTH or unicodedata.category(character) == 'Cn':
            continue
        to = fold(character)
        if to != character:
            yield point, to


def lines(items):
    line = '   '
    for item in items:
        if len(line) + len(item) + 2 > WIDTH:
            yield line
            line = '   '
        line += f' {item},'
    yield line


def main():
    rows = list(table())
    single = [(point, ord(to)) for point, to in rows if len(to) == 1 and ord(to) < 0x10000]
    gone = [point for point, to in rows if to == '']
    long = [(point, to) for point, to in rows if len(to) > 1]
    runs = []
    for point in gone:
        if runs and runs[-1][1] == point - 1:
            runs[-1][1] = point
        else:
            runs.append([point, point])
    print('/* fold_table.h - made by fold_table.py: edit that. See fold.h. */')
    print('#ifndef TAVLA_BASE_FOLD_TABLE_H\n#define TAVLA_BASE_FOLD_TABLE_H\n')
    print('#include <stdint.h>\n')
    print('/* clang-format off */')
    direct = dict(single)
    single = [row for row in single if row[0] >= DIRECT_END]
    print(f'#define FOLD_DIRECT_END {DIRECT_END:#x}\n')
    print('/* one for one, from U+0080 on; 0: see below */\nstatic const uint16_t fold_direct[] = {')
    print('\n'.join(lines(f'{direct.get(point, 0):#x}' for point in range(0x80, DIRECT_END))))
    print('};\n')
    print('/* one for one: from, to */\nstatic const uint16_t fold_single[][2] = {')
    print('\n'.join(lines(f'{{{a:#x},{b:#x}}}' for a, b in single)))
    print('};\n\n/* marks, which vanish: first, last */\nstatic const uint16_t fold_gone[][2] = {')
    print('\n'.join(lines(f'{{{a:#x},{b:#x}}}' for a, b in runs)))
    print('};\n\n/* one for many, as UTF-8 */')
    print('static const struct { uint16_t from; const char *to; } fold_long[] = {')
    text = [''.join(f'\\{byte:03o}' if byte > 0x7E else chr(byte) for byte in to.encode()) for _, to in long]
    print('\n'.join(lines(f'{{{point:#x},"{to}"}}' for (point, _), to in zip(long, text))))
    print('};\n/* clang-format on */\n\n#endif')


if __name__ == '__main__':
    main()
