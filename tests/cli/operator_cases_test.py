"""einet model run on small networks with values computed by PyTorch: NAME.onnx, NAME.x.npy and NAME.y.npy."""
import os
import pathlib
import unittest

import numpy

from harness import CommandTest

CASES = pathlib.Path(os.environ["EINET_SOURCE_DIR"]) / "tests" / "cli" / "operator_cases"


class OperatorCasesTest(CommandTest):
    def test_values_equal_those_of_pytorch(self):
        files = sorted(CASES.glob("*.onnx"))
        self.assertGreater(len(files), 10)
        for file in files:
            x, y = file.with_suffix(".x.npy"), numpy.load(file.with_suffix(".y.npy"))
            for executor in [[], ["--reference"]]:
                with self.subTest(file=file.name, executor=executor):
                    reply = self.json("model", "run", file, "--input", x, "--output", f"out{file.stem}", *executor)
                    name = reply[0]["output"].replace("/", "_")
                    actual = numpy.load(self.dir / f"out{file.stem}" / f"{name}.npy")
                    numpy.testing.assert_allclose(actual, y, rtol=1e-5, atol=1e-5)


if __name__ == "__main__":
    unittest.main()
