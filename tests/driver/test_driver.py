"""test_driver.py - what ./test relies on: its counting, its table, its pace."""

import contextlib
import importlib.machinery
import importlib.util
import io
import os
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import counts
import full
import main
import table
from counts import Counts

CMOCKA_REPORT = '''[==========] Running 4 test(s).
[ RUN      ] test_a__works
[       OK ] test_a__works
[ RUN      ] test_b__fails
[  ERROR   ] --- 1 != 2
[   LINE   ] --- x.c:3: error: Failure!
[  FAILED  ] test_b__fails
[ RUN      ] test_c__skips
[  SKIPPED ] test_c__skips
[ RUN      ] test_d__wants_samples
no ../shared/samples here
[  SKIPPED ] test_d__wants_samples
[==========] 4 test(s) run.
[  PASSED  ] 1 test(s).
[  SKIPPED ] 2 test(s), listed below:
[  SKIPPED ] test_c__skips
[  SKIPPED ] test_d__wants_samples
[  FAILED  ] 1 test(s), listed below:
[  FAILED  ] test_b__fails
'''
TAP_REPORT = '''TAP version 13
# Subtest: a
ok 1 - a
# Subtest: b
ok 2 - b # SKIP needs ../shared
ok 3 - c # SKIP no browser
# tests 3
# pass 1
# fail 0
# cancelled 1
# skipped 2
# todo 0
'''


class CountsTest(unittest.TestCase):
    def test_the_last_closing_line_counts(self):
        text = '1 passed, 0 failed\nx\n12 passed, 3 failed, 2 skipped, 1 unshared\n'
        self.assertEqual(counts.of_line(text), Counts(12, 3, 2, 1))
        self.assertIsNone(counts.of_line('12 passed, 3 failed today'))

    def test_a_cmocka_report_counts_each_case_once(self):
        self.assertEqual(counts.of_cmocka(CMOCKA_REPORT), Counts(1, 1, 2, 1))
        self.assertIsNone(counts.of_cmocka('all fine'))

    def test_a_tap_report_counts_cancelled_cases_as_failed(self):
        self.assertEqual(counts.of_tap(TAP_REPORT), Counts(1, 1, 2, 1))
        self.assertIsNone(counts.of_tap('node: bad option'))

    def test_a_skip_is_a_failure_in_ci_unless_it_wants_shared(self):
        self.assertEqual(Counts(5, 0, 3, 1).strict(), Counts(5, 2, 1, 1))

    def test_the_closing_line_has_its_exact_form(self):
        self.assertEqual(Counts(5, 0).line(), '5 passed, 0 failed')
        self.assertEqual(Counts(5, 1, 2, 1).line(unshared=False), '5 passed, 1 failed, 2 skipped')


class MesonSuiteTest(unittest.TestCase):
    def setUp(self):
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'meson_suite')
        loader = importlib.machinery.SourceFileLoader('meson_suite', path)
        self.module = importlib.util.module_from_spec(
            importlib.util.spec_from_loader('meson_suite', loader))
        loader.exec_module(self.module)

    def count(self, result, stdout):
        return self.module.count_program({'result': result, 'stdout': stdout})

    def test_a_program_that_dies_after_good_cases_has_failed(self):
        begun = '[ RUN      ] test_a\n[       OK ] test_a\n[ RUN      ] test_b\n'
        self.assertEqual(self.count('FAIL', begun), Counts(1, 1))
        self.assertEqual(self.count('TIMEOUT', ''), Counts(0, 1))

    def test_a_program_counts_by_what_it_says(self):
        self.assertEqual(self.count('OK', 'x\n300 passed, 0 failed\n'), Counts(300))
        self.assertEqual(self.count('OK', 'said nothing'), Counts(1))
        self.assertEqual(self.count('FAIL', '299 passed, 1 failed\n'), Counts(299, 1))
        self.assertEqual(self.count('SKIP', 'wants ../shared'), Counts(0, 0, 1, 1))


class TableTest(unittest.TestCase):
    def read(self, text):
        with tempfile.NamedTemporaryFile('w', suffix='.sizes') as page:
            page.write(text)
            page.flush()
            return table.read(page.name)

    def test_rows_are_read(self):
        builds, suites = self.read('# x\nbuild asan clang -Da=b -Dc=d\n'
                                   'suite sim@asan asan 3 9 seeds 2 A=1 run x  # note\n')
        self.assertEqual(builds['asan'].options, ['-Da=b', '-Dc=d'])
        self.assertEqual(suites[0].command, 'A=1 run x')
        self.assertEqual(suites[0].count_variable(), 'TAVLA_COUNT_SIM')
        self.assertEqual(table.choose(suites, ['sim']), suites)

    def test_wrong_rows_are_named_by_line(self):
        for row in ['suite a nobuild 1 1 x 1 run', 'suite a - 0 0 x 1 r', 'suite a - -1 1 x 1 r',
                    'suite a - 9 3 x 1 run', 'suite a - one 1 x 1 r', 'sweet a',
                    'beside a - 1 1 x', 'suite a - 1 1 x 1 r\nsuite a - 1 1 x 1 r']:
            with self.assertRaisesRegex(ValueError, r':\d+: '):
                self.read(row)

    def test_a_suite_may_be_for_the_full_counts_only(self):
        _, suites = self.read('suite a - 0 1 runs 1 run')
        self.assertEqual((suites[0].quick, suites[0].full), (0, 1))

    def test_an_unknown_name_is_refused(self):
        with self.assertRaises(ValueError):
            table.choose(self.read('suite a - 1 1 x 1 run')[1], ['b'])


class FullTest(unittest.TestCase):
    def suite(self, name, quick, total):
        return table.Suite(name, '-', quick, total, 'seeds', 1, 'true')

    def folder(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        os.mkdir(os.path.join(folder.name, 'tests'))
        return folder.name

    def test_chunks_reach_the_full_count_with_every_seed_once(self):
        seeds = []

        def runner(suite, count, seed):
            seeds.extend(range(seed, seed + count))
            return Counts(passed=count)

        root = self.folder()
        results = full.run(root, [self.suite('sim', 3, 10), self.suite('unit', 1, 1)], runner, 0)
        self.assertEqual(sorted(seeds), list(range(1, 11)))
        self.assertEqual([(suite.name, one) for suite, one in results], [('sim', Counts(10))])
        with open(os.path.join(root, 'tests', 'LEDGER.md'), encoding='utf-8') as ledger:
            page = ledger.read()
        self.assertIn('| 10 of 10 | 7 passed, 0 failed |', page)

    def test_a_second_run_goes_on_where_the_first_stopped(self):
        root = self.folder()
        first = []

        def interrupted(suite, count, seed):
            if first:
                raise KeyboardInterrupt
            first.append(count)
            return Counts(passed=count)

        with self.assertRaises(KeyboardInterrupt):
            full.run(root, [self.suite('sim', 4, 10)], interrupted, 0)
        seeds = []

        def runner(suite, count, seed):
            seeds.append(seed)
            return Counts(passed=count)

        full.run(root, [self.suite('sim', 4, 10)], runner, 0)
        self.assertEqual(seeds[0], 5)

    def test_a_failing_suite_stops_and_does_not_advance(self):
        root = self.folder()
        full.run(root, [self.suite('sim', 4, 10)], lambda *_: Counts(3, 1), 0)
        self.assertEqual(full.Ledger(root).done, {})

    def test_nothing_starts_after_the_deadline(self):
        pace = full.Pace()
        suite = self.suite('sim', 4, 1000)
        pace.learn(suite, 4, 40)
        self.assertEqual(pace.next_count(suite, 1000, time.monotonic() + 30), 0)
        self.assertEqual(pace.next_count(suite, 1000, time.monotonic() + 101), 10)
        self.assertEqual(pace.next_count(suite, 1000, float('inf')), 12)


class RunnerTest(unittest.TestCase):
    def test_a_suite_for_the_full_counts_only_runs_like_any_other(self):
        suite = table.Suite('driver-self', '-', 0, 1, 'runs', 1, 'echo 2 passed, 0 failed')
        with contextlib.redirect_stdout(io.StringIO()) as said:
            self.assertEqual(main.Runner(None, True)(suite, 1, 1), Counts(passed=2))
        self.assertIn('driver-self: 2 passed, 0 failed', said.getvalue())


class LanesTest(unittest.TestCase):
    def test_only_rows_that_may_run_beside_each_other_and_no_more_than_there_are_lanes(self):
        lock, running, seen = threading.Lock(), [], []

        def runner(suite, _count, _seed):
            with lock:
                running.append(suite)
                seen.append(list(running))
            time.sleep(0.05)
            with lock:
                running.remove(suite)
            return Counts(passed=1)

        runner.builds = None
        suites = [table.Suite(name, '-', 1, 1, 'runs', 1, 'true', name.islower())
                  for name in ['a', 'b', 'c', 'D', 'e', 'F', 'G']]
        results = main.run_quick(suites, runner, 1)
        self.assertEqual([suite for suite, _ in results], suites)
        for together in seen:
            self.assertLessEqual(len(together), main.LANES)
            self.assertTrue(len(together) == 1 or all(suite.beside for suite in together))
        if (os.cpu_count() or 1) > 1:
            self.assertIn(2, [len(together) for together in seen])


class WholeTest(unittest.TestCase):
    def test_the_table_of_the_project_is_read(self):
        root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        done = subprocess.run([sys.executable, 'tests/driver/main.py', '--list'], cwd=root,
                              stdout=subprocess.PIPE, text=True, check=True)
        self.assertIn('unit', done.stdout)


if __name__ == '__main__':
    outcome = unittest.main(exit=False).result
    bad = len(outcome.failures) + len(outcome.errors)
    print(Counts(outcome.testsRun - bad - len(outcome.skipped), bad, len(outcome.skipped)).line())
    sys.exit(1 if bad else 0)
