"""main.py - ./test without the installing: reads tests/sizes, builds, runs, counts."""

import argparse
import concurrent.futures
import os
import signal
import subprocess
import sys
import time

import build
import counts
import full
import table

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
STARTED = time.monotonic()
LANES = 2  # suites that run at once, where their rows allow it
SANITIZERS = {
    'ASAN_OPTIONS': 'handle_segv=2:detect_leaks=1:detect_stack_use_after_return=1',
    'UBSAN_OPTIONS': 'print_stacktrace=1:halt_on_error=1',
    'TSAN_OPTIONS': 'halt_on_error=1:second_deadlock_stack=1',
}


def progress(text):
    seconds = int(time.monotonic() - STARTED)
    print(f'== {seconds // 60:02}:{seconds % 60:02} {text}', flush=True)


class Runner:
    """Runs one suite's command with a count and a seed, and counts what it says."""

    def __init__(self, builds, is_ci):
        self.builds = builds
        self.is_ci = is_ci
        self.fixed_layout = build.without_randomized_addresses()
        self.logs = os.path.join(ROOT, 'build-logs')
        os.makedirs(self.logs, exist_ok=True)

    def __call__(self, suite, count, seed):
        wrong = self.builds.make(suite.build) if suite.build != '-' else ''
        if wrong:
            print('\n'.join('   | ' + line for line in wrong.strip().splitlines()[:60]))
            print(f'   {suite.name}: build-{suite.build} does not build')
            return counts.Counts(failed=1)
        size = f', {count} {suite.unit} from seed {seed}' if suite.full > 1 else ''
        progress(f'{suite.name}{size}')
        said = []
        started = time.monotonic()
        limit = suite.minutes * 60 * max(1, count / max(1, suite.quick))
        status, text = self.run(suite, self.environment(suite, count, seed), limit)
        result = self.judge(suite, status, text, said)
        if result.failed:
            said += ['   | ' + line for line in text.strip().splitlines()[-150:]]
        said.append(f'   {suite.name}: {result.line(unshared=False)}   '
                    f'{time.monotonic() - started:.1f} s')
        if result.failed and suite.full > 1:
            said.append(f'   again: ./test --only {suite.name} --seed {seed}')
        sys.stdout.write('\n'.join(said) + '\n')  # whole: another suite may be speaking, too
        sys.stdout.flush()
        return result

    def environment(self, suite, count, seed):
        env = dict(os.environ, TAVLA_COUNT=str(count), TAVLA_SEED=str(seed))
        env[suite.count_variable()] = str(count)
        for name, value in SANITIZERS.items():
            env.setdefault(name, value)
        if suite.build != '-':
            folder = self.builds.folder(suite.build)
            env['TAVLA_BUILD'] = os.path.join(folder, 'tavla')
            env['TAVLA_BUILD_DIR'] = folder
        return env

    def run(self, suite, env, limit):
        """-> (exit status, or None when it took longer than limit seconds; what it said)."""
        path = os.path.join(self.logs, suite.name + '.log')
        fixed = self.fixed_layout if suite.build != '-' else []
        with open(path, 'wb') as log:
            process = subprocess.Popen(fixed + ['bash', '-c', suite.command], cwd=ROOT, env=env,
                                       stdin=subprocess.DEVNULL, stdout=log,
                                       stderr=subprocess.STDOUT, start_new_session=True)
            try:
                status = process.wait(limit)
            except subprocess.TimeoutExpired:
                status = None
            finally:
                try:  # whatever the suite left behind: servers, node
                    os.killpg(process.pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
                process.wait()
        with open(path, encoding='utf-8', errors='replace') as log:
            text = log.read()
        if status is None:
            text += f'\n{suite.name} took longer than {limit:.0f} s and was killed\n'
        return status, text

    def judge(self, suite, status, text, said):
        result = counts.of_line(text)
        if result is None:
            said.append(f'   {suite.name} ended without a closing line (status {status})')
            return counts.Counts(failed=1)
        if status != 0 and not result.failed:
            said.append(f'   {suite.name} ended with status {status}')
            result.failed = 1
        if not result.passed and not result.failed:
            said.append(f'   {suite.name} ran no case')
            result.failed = 0 if result.skipped else 1
        return result.strict() if self.is_ci else result


def run_quick(suites, runner, seed):
    """Each suite once, in the table's order, neighbours that may at once -> [(suite, Counts)]."""
    lanes = min(LANES, os.cpu_count() or 1)
    with concurrent.futures.ThreadPoolExecutor(lanes) as pool:
        futures = []
        for suite in suites:
            others = lanes - 1 if suite.beside else 0
            while sum(not one.done() for one in futures) > others:
                concurrent.futures.wait([one for one in futures if not one.done()],
                                        return_when=concurrent.futures.FIRST_COMPLETED)
            if suite.build != '-':
                runner.builds.make(suite.build)
            futures.append(pool.submit(runner, suite, max(1, suite.quick), seed))
            if not suite.beside:
                concurrent.futures.wait(futures)
        return [(suite, future.result()) for suite, future in zip(suites, futures)]


def arguments():
    parser = argparse.ArgumentParser(prog='./test', description='Builds Tavla and runs its suites.')
    parser.add_argument('--full', action='store_true', help='every count as stated, in chunks')
    parser.add_argument('--minutes', type=float, default=0, help='of --full: stop after so many')
    parser.add_argument('--only', default='', help='suites, by comma')
    parser.add_argument('--seed', type=int, help='first seed; a new one each run otherwise')
    parser.add_argument('--peers', action='store_true', help='install the servers used as peers')
    parser.add_argument('--list', action='store_true', help='print the suites')
    return parser.parse_args()


def summary(results):
    width = max([len(suite.name) for suite, _ in results] + [5])
    print(f'\n{"suite":<{width}}  passed  failed  skipped')
    total = counts.Counts()
    for suite, result in results:
        print(f'{suite.name:<{width}}  {result.passed:6}  {result.failed:6}  {result.skipped:7}')
        total += result
    print(flush=True)
    return total


def main():
    asked = arguments()
    try:
        rows, suites = table.read(os.path.join(ROOT, 'tests', 'sizes'))
        suites = table.choose(suites, [name for name in asked.only.split(',') if name])
    except ValueError as wrong:
        sys.exit(f'./test: {wrong}')
    if asked.list:
        for suite in suites:
            print(f'{suite.name:<16} {suite.build:<6} {suite.quick:>7} {suite.full:>8} '
                  f'{suite.unit}')
        return 0
    if not asked.full and not asked.only:
        suites = [suite for suite in suites if suite.quick]
    is_ci = os.environ.get('CI') == 'true'
    seed = asked.seed
    if seed is None:
        seed = int(os.environ.get('TAVLA_SEED') or time.time() % 1e9)
    runner = Runner(build.Builds(ROOT, rows, progress), is_ci)
    progress(f'seed {seed}' + (', a skip is a failure' if is_ci else ''))
    if asked.full:
        for suite in suites:  # so that building is not taken for the pace of a suite
            if suite.full > suite.quick and suite.build != '-':
                runner.builds.make(suite.build)
        results = full.run(ROOT, suites, runner, asked.minutes)
    else:
        results = run_quick(suites, runner, seed)
    total = summary(results)
    print(total.line(unshared=False), flush=True)
    return 1 if total.failed or not (total.passed or asked.full) else 0


if __name__ == '__main__':
    sys.exit(main())
