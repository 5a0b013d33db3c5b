"""Held-out images for the load scripts, and what each exit of a bundle answers for them."""
import gzip
import json
import os
import pathlib
import subprocess
import tempfile

import numpy as np

FASHION_MNIST = pathlib.Path("/usr/share/datasets/fashion-mnist")  # Of Debian's package dataset-fashion-mnist.


def fashion_mnist(count):
    """Test images, [count,1,28,28] float32 in [0,1]."""
    (path,) = FASHION_MNIST.glob("t10k-images*")
    data = gzip.open(path).read() if path.suffix == ".gz" else path.read_bytes()
    return np.frombuffer(data, np.uint8, offset=16)[:count * 784].reshape(-1, 1, 28, 28).astype(np.float32) / 255


def offline_probabilities(einet, bundle, images):
    """What every exit answers, computed by `einet model run`: [exits,images,classes]."""
    manifest = json.loads((pathlib.Path(bundle) / "manifest.json").read_text())
    mean, stddev = (np.array(manifest["normalization"][name], np.float32).reshape(1, -1, 1, 1)
                    for name in ("mean", "stddev"))
    with tempfile.TemporaryDirectory() as folder:
        np.save(os.path.join(folder, "images.npy"), (images - mean) / stddev)
        subprocess.run([einet, "model", "run", bundle, "--input", os.path.join(folder, "images.npy"), "--output",
                        os.path.join(folder, "outputs")], check=True, stdout=subprocess.DEVNULL)
        logits = np.stack([np.load(os.path.join(folder, "outputs", f"{name}.npy")) for name in manifest["exits"]])
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)
