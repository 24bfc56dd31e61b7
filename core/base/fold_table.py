#!/usr/bin/env python3
"""fold_table.py > fold_table.h - what each character becomes when case and accents do not count.

The browser client folds with normalize('NFKD'), without \\p{M}, in lower case; this is the same for
the scripts that have case or accents, and leaves the others (Hangul, Han, symbols) as they are."""

import unicodedata

PAGES = [*range(0x00, 0x07), *range(0x09, 0x11), 0x1C, 0x1E, 0x1F, 0x20, 0x21, 0x2C, 0x30, 0xFF]
LIGATURES = range(0xFB00, 0xFB07)
HALFWIDTH = range(0xFF61, 0xFFE0)
WIDTH = 96


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


def entry(to):
    if len(to) == 1:
        return f'{ord(to):#x}'
    return 'FOLD_GONE' if to == '' else 'FOLD_LONG'


def page_items(rows, page):
    for point in range(page << 8, (page << 8) + 256):
        if point in rows:
            place = '' if point - 1 in rows and point & 255 else f'[{point & 255:#x}] = '
            yield place + entry(rows[point])


def main():
    rows = {point: to for point, to in table() if len(to) != 1 or ord(to) < 0x10000}
    pages = sorted({point >> 8 for point in rows})
    print('/* fold_table.h - made by fold_table.py: edit that. See fold.h. */')
    print('#ifndef TAVLA_BASE_FOLD_TABLE_H\n#define TAVLA_BASE_FOLD_TABLE_H\n')
    print('#include <stdint.h>\n')
    print('/* clang-format off */')
    print('#define FOLD_GONE 0xffff /* a mark, which vanishes */')
    print('#define FOLD_LONG 0xfffe /* several for one, in fold_long */\n')
    print('/* by the upper byte of a character below U+10000: its page of fold_pages */')
    print('static const uint8_t fold_page_of[256] = {')
    print('\n'.join(lines(f'[{page:#x}] = {i}' for i, page in enumerate(pages, 1))))
    print('};\n\n/* by the lower byte: what it becomes; 0: it stays as it is */')
    print(f'static const uint16_t fold_pages[{len(pages) + 1}][256] = {{')
    for i, page in enumerate(pages, 1):
        print(f'    [{i}] = {{ /* from U+{page << 8:04X} on */')
        print('\n'.join('    ' + line for line in lines(page_items(rows, page))))
        print('    },')
    print('};\n\n/* in order, as UTF-8 */')
    print('static const struct { uint16_t from; const char *to; } fold_long[] = {')
    long = [(point, to) for point, to in rows.items() if len(to) > 1]
    text = [''.join(f'\\{byte:03o}' if byte > 0x7E else chr(byte) for byte in to.encode()) for _, to in long]
    print('\n'.join(lines(f'{{{point:#x},"{to}"}}' for (point, _), to in zip(long, text))))
    print('};\n/* clang-format on */\n\n#endif')


if __name__ == '__main__':
    main()
