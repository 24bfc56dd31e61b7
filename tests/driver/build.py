"""build.py - the build folders that suites run in, each made once per run of the driver."""

import os
import platform
import re
import shutil
import subprocess

# Warnings stop the build only under the compilers the code is written for (Debian 12's): a newer
# compiler on a user's machine may know warnings of its own.
STRICT = {'gcc': 12, 'clang': 14}


def said(command, cwd, env=None):
    """Runs command; -> (exit status, everything it said)."""
    done = subprocess.run(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors='replace')
    return done.returncode, done.stdout


def major_version(compiler):
    found = re.match(r'\d+', subprocess.check_output([compiler, '-dumpversion'], text=True))
    return int(found.group()) if found else 0


def failures(text):
    """What ninja says of the targets that failed, without the compilers' command lines."""
    kept, is_failure = [], False
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith('FAILED:'):
            is_failure = True
            next(lines, None)
        elif re.match(r'\[\d+/\d+\] |ninja: ', line):
            is_failure = False
        if is_failure:
            kept.append(line)
    return '\n'.join(kept)


class Builds:
    """Makes build folders on demand and remembers which failed."""

    def __init__(self, root, rows, progress):
        self.root = root
        self.rows = rows
        self.progress = progress
        self.done = {}  # name -> '' or why it failed

    def folder(self, name):
        return os.path.join(self.root, 'build-' + name)

    def make(self, name):
        """-> '' or what went wrong."""
        if name not in self.done:
            self.done[name] = self.make_now(self.rows[name])
        return self.done[name]

    def make_now(self, row):
        folder = self.folder(row.name)
        options = list(row.options)
        if STRICT.get(row.compiler) == major_version(row.compiler):
            options.append('-Dwerror=true')
        wanted = ' '.join([self.root, row.compiler] + options)
        note = os.path.join(folder, 'tavla-options')
        if not os.path.exists(note) or open(note, encoding='utf-8').read() != wanted:
            shutil.rmtree(folder, ignore_errors=True)
            self.progress(f'configuring build-{row.name} ({row.compiler})')
            status, text = said(['meson', 'setup', folder, self.root] + options, self.root,
                                dict(os.environ, CC=row.compiler))
            if status:
                return text
            with open(note, 'w', encoding='utf-8') as out:
                out.write(wanted)
        self.progress(f'building build-{row.name}')
        status, text = said(['ninja', '-k', '0', '-C', folder], self.root)
        if not status:
            return ''
        return failures(text) or text


def without_randomized_addresses():
    """A command prefix: sanitizers of clang 14 die under the memory layouts of newer kernels."""
    prefix = ['setarch', platform.machine(), '-R']
    try:
        done = subprocess.run(prefix + ['true'], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, check=False)
    except OSError:
        return []
    return prefix if done.returncode == 0 else []
