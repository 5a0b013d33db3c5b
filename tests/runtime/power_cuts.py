"""Repeatedly cuts the power of a disk while `einet run --persist` writes to it, and reads the remaining file.

    sudo EINET_DATA=data /usr/bin/python3 tests/runtime/power_cuts.py EINET BUNDLE [CUTS]

A cut is a copy of the image of a loop device: it contains what the disk has confirmed, but not what is still in memory.
Not a regular test, because it needs root, a loop device and e2fsprogs. The exit status is 1 if an answer was missing,
damaged or older than one read before. Prints the ages of the answers.
"""
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def start(einet, bundle, path, last):
    """Starts the writer and waits until it has written an answer."""
    command = [einet, "run", bundle, *["fashion-mnist:0"] * 60000, "--persist", path, "--every", "5ms", "--slot", path.with_suffix(".slot")]
    writer = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while not path.exists() or (json.loads(run(einet, "answer", path, "--json"))["answer"] or {"run": 0})["run"] <= last:
        time.sleep(0.01)
    return writer


def main(einet, bundle, cuts=1000):
    ages, faults, last = [], 0, 0
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        image, cut, mount, left = (folder / name for name in ("disk", "cut", "mount", "answer"))
        image.write_bytes(bytes(2 << 20))
        run("mkfs.ext4", "-q", "-O", "^has_journal", image)
        mount.mkdir()
        run("mount", "-o", "loop", image, mount)
        writer, done = None, 0
        try:
            while done < cuts:
                if writer is None or writer.poll() is not None:
                    writer = start(einet, bundle, mount / "answer", last)
                time.sleep(random.uniform(0, 0.02))
                now = time.time()
                cut.write_bytes(image.read_bytes())
                if writer.poll() is not None:
                    continue  # The writer had already finished.
                done += 1
                run("debugfs", "-R", f"dump /answer {left}", cut)
                output = subprocess.run([einet, "answer", left, "--json"], capture_output=True, text=True)
                answer = json.loads(output.stdout)["answer"] if output.returncode == 0 else None
                if answer is None or answer["run"] < last:
                    faults += 1
                    print("fault:", output.stderr.strip() or answer)
                    continue
                last = answer["run"]
                ages.append(now - json.loads(output.stdout)["written"])
        finally:
            writer.kill()
            writer.wait()
            run("umount", mount)
    ages.sort()
    print(f"{done} cuts, {faults} faults; answers at the cut were written {1e3 * ages[len(ages) // 2]:.1f} ms ago (median), "
          f"{1e3 * ages[int(0.99 * len(ages))]:.1f} ms (99 %), {1e3 * ages[-1]:.1f} ms (oldest)")
    return 1 if faults else 0


if __name__ == "__main__":
    if len(sys.argv) < 3 or os.geteuid() != 0:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])))
