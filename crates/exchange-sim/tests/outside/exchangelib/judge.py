"""Runs all tests here and closes as node's test runner does: `# pass N`, `# fail N`."""

import pathlib
import sys
import unittest

tests = unittest.defaultTestLoader.discover(str(pathlib.Path(__file__).parent))
result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(tests)
# A test that fails in several sub-tests is one that fails.
failed = {getattr(test, "test_case", test).id() for test, _ in result.failures + result.errors}
print(f"# pass {result.testsRun - len(failed)}\n# fail {len(failed)}")
