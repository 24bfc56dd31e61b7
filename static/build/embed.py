#!/usr/bin/env python3
"""embed.py - makes the C file that carries the browser client, and the client itself if need be.

    embed.py MODE STATIC OUT.c DEPFILE

MODE  build     npm builds it; a failure fails
      auto      as build where npm is there; where that fails, an earlier dist; else none
      prebuilt  STATIC/dist as it is
      none      a table without files

Several builds of one source tree may run at once: one makes dist, the others wait and find it new.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys

SOURCES = ('src', 'public', 'build', 'index.html', 'package.json', 'package-lock.json',
           'tsconfig.json', 'vite.config.ts')
CODINGS = (('', 'bytes', 'ASSET_PLAIN'), ('.gz', 'gz', 'ASSET_GZIP'), ('.br', 'br', 'ASSET_BR'))


def sources(static):
    for name in SOURCES:
        path = os.path.join(static, name)
        if os.path.isfile(path):
            yield path
        for folder, _, files in os.walk(path):
            yield from (os.path.join(folder, one) for one in sorted(files)
                        if not one.endswith('.pyc'))


def is_new(static):
    """Is dist whole and newer than everything it is made of?"""
    table = os.path.join(static, 'dist', 'files.json')
    if not os.path.exists(table):
        return False
    made = os.path.getmtime(table)
    return all(os.path.getmtime(path) <= made for path in sources(static))


def npm_run(npm, static, step):
    """Runs it to its end. Returns what went wrong, or None."""
    run = subprocess.run([npm, *step], cwd=static, stdout=subprocess.PIPE, check=False,
                         stderr=subprocess.STDOUT, text=True, errors='replace')
    if run.returncode == 0:
        return None
    return f'npm {" ".join(step)} failed:\n{run.stdout[-4000:]}'


def is_installed(static):
    """Every package that the lockfile names now: npm notes what it installed."""
    note = os.path.join(static, 'node_modules', '.package-lock.json')
    lock = os.path.join(static, 'package-lock.json')
    return os.path.exists(note) and os.path.getmtime(note) >= os.path.getmtime(lock)


def npm_build(static):
    npm = shutil.which('npm')
    if npm is None or shutil.which('node') is None:
        return 'npm is not there'
    trouble = None
    if not is_installed(static):
        quiet = ['--ignore-scripts', '--no-audit', '--no-fund']
        trouble = npm_run(npm, static, ['ci', *quiet])
        # Newer npm's `ci` wants packages for every platform in the lockfile, and a registry need
        # not have them all; `install` takes the same versions, of this platform only.
        if trouble is not None:
            trouble = npm_run(npm, static, ['install', '--no-save', *quiet])
    return trouble or npm_run(npm, static, ['run', 'build'])


def make(mode, static):
    """Sees to dist. Returns whether there is one to embed."""
    table = os.path.join(static, 'dist', 'files.json')
    if mode == 'none':
        return False
    if mode == 'prebuilt':
        if not os.path.exists(table):
            sys.exit('web=prebuilt: there is no static/dist')
        return True
    if is_new(static):
        return True
    trouble = npm_build(static)
    if trouble is None:
        return True
    if mode == 'build':
        sys.exit(trouble)
    earlier = os.path.exists(table)
    what = 'an earlier static/dist is used' if earlier else 'the server gets no browser client'
    print(f'embed.py: {trouble}\nembed.py: {what}', file=sys.stderr)
    return earlier


def text(value):
    return json.dumps(value)  # our paths and types are plain ASCII: JSON's quoting is C's


def write(out, dist, files):
    """One file of C: the bytes by .incbin, then the table."""
    lines = ['/* Made by static/build/embed.py. */', '#include "net/api/asset.h"', '']
    rows = []
    for number, (path, info) in enumerate(sorted(files.items())):
        slices = []
        for suffix, member, coding in CODINGS:
            if not info[member]:
                continue
            name = f'asset_{number}_{member}'
            bytes_of = f'.incbin \\"{dist}{path}{suffix}\\"'
            lines += [f'extern const char {name}[];',
                      f'__asm__(".pushsection .rodata\\n{name}:\\n{bytes_of}\\n.popsection\\n");']
            size = os.path.getsize(dist + path + suffix)
            slices.append(f'[{coding}] = {{ {name}, {size} }}')
        rows.append(f'    {{ {text(path)}, {text(info["type"])}, {text(info["etag"])}, '
                    f'{"true" if info["immutable"] else "false"}, {{ {", ".join(slices)} }} }},')
    if rows:
        lines += ['', 'static const struct asset rows[] = {', *rows, '};', '',
                  f'const struct assets assets_built = {{ rows, {len(rows)}, NULL }};']
    else:
        lines += ['const struct assets assets_built = { NULL, 0, NULL };']
    with open(out, 'w', encoding='ascii') as file:
        file.write('\n'.join(lines) + '\n')


def main():
    mode, static, out, depfile = sys.argv[1:]
    static, out = os.path.abspath(static), os.path.abspath(out)
    copy = out + '.files'
    files = {}
    with open(os.path.join(static, 'package.json'), encoding='utf-8') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.rmtree(copy, ignore_errors=True)
        if make(mode, static):
            shutil.copytree(os.path.join(static, 'dist'), copy)
            with open(os.path.join(copy, 'files.json'), encoding='utf-8') as table:
                files = json.load(table)
    write(out, copy, files)
    with open(depfile, 'w', encoding='utf-8') as file:
        names = list(sources(static)) if mode in ('auto', 'build') else []
        if mode == 'prebuilt':
            names.append(os.path.join(static, 'dist', 'files.json'))
        needs = ' '.join(name.replace(' ', '\\ ') for name in names)
        file.write(f'{sys.argv[3]}: {needs}\n')


main()
