"""What the tests of the Python module share."""
import os
import pathlib
import tempfile
import unittest

import einet

SOURCE = pathlib.Path(os.environ["EINET_SOURCE_DIR"])
SHIPPED = SOURCE / "bundles" / "fashion-mnist-msdnet-elastic.einet"


class PythonTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = pathlib.Path(folder.name)

    def refused(self, kind, *words):
        """A context in which einet.Error of this kind must be raised; its text must contain `words`."""
        test = self

        class Refused:
            def __enter__(self):
                return self

            def __exit__(self, type, value, traceback):
                test.assertIsInstance(value, einet.Error)
                test.assertEqual(value.kind, kind)
                for word in words:
                    test.assertIn(word, str(value))
                return True

        return Refused()
