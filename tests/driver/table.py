"""table.py - reads tests/sizes."""

import re
from dataclasses import dataclass


@dataclass
class Build:
    """A `build` row: one meson build folder."""
    name: str
    compiler: str
    options: list


@dataclass
class Suite:
    """A `suite` row, or a `beside` row: one that may run beside another such."""
    name: str
    build: str
    quick: int
    full: int
    unit: str
    minutes: float
    command: str
    beside: bool = False

    def base(self):
        """The name without its variant: sim for sim@asan."""
        return self.name.split('@')[0]

    def count_variable(self):
        return 'TAVLA_COUNT_' + re.sub(r'\W', '_', self.base()).upper()


def read(path):
    """-> ({name: Build}, [Suite]); raises ValueError with file:line of a wrong row."""
    builds, suites = {}, []
    with open(path, encoding='utf-8') as lines:
        for number, line in enumerate(lines, 1):
            line = line.split(' #')[0].strip()
            if not line or line.startswith('#'):
                continue
            words = line.split()
            try:
                if words[0] == 'build' and len(words) >= 3:
                    builds[words[1]] = Build(words[1], words[2], words[3:])
                elif words[0] in ('suite', 'beside') and len(words) >= 8:
                    row = line.split(None, 7)
                    suite = Suite(row[1], row[2], int(row[3]), int(row[4]), row[5],
                                  float(row[6]), row[7], words[0] == 'beside')
                    if suite.build != '-' and suite.build not in builds:
                        raise ValueError(f'no build {suite.build} above')
                    if suite.name in (other.name for other in suites):
                        raise ValueError(f'a second {suite.name}')
                    if suite.quick < 0 or suite.full < max(1, suite.quick):
                        raise ValueError('counts want 0 <= QUICK <= FULL, 1 <= FULL')
                    suites.append(suite)
                else:
                    raise ValueError('expected a build, a suite or a beside row')
            except ValueError as wrong:
                raise ValueError(f'{path}:{number}: {wrong}') from None
    return builds, suites


def choose(suites, names):
    """The suites called NAME or NAME@..., in the table's order; ValueError for an unknown one."""
    for name in names:
        if not any(name in (suite.name, suite.base()) for suite in suites):
            raise ValueError(f'no suite {name} in tests/sizes')
    return [suite for suite in suites
            if not names or suite.name in names or suite.base() in names]
