"""Starts einet serve, and reads the state of its process from /proc."""
import json
import signal
import subprocess
import threading


class ServerProcess:
    """einet serve on free ports of the loopback interface, ready for requests."""

    def __init__(self, einet, bundle, *options, http=0, grpc=0):
        command = [einet, "serve", f"net={bundle}", "--address", "127.0.0.1", "--http", str(http), "--grpc", str(grpc),
                   *options]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        self.log = []
        for line in self.process.stderr:
            if not line.startswith("{"):  # An error, or a note about the times.
                self.log.append(line.strip())
                continue
            self.log.append(json.loads(line))
            if self.log[-1]["event"] == "listening":
                break
        else:
            raise SystemExit(f"the server has not started: {self.log}")
        self.http, self.grpc = self.log[-1]["http"], self.log[-1]["grpc"]
        self.horizon_us = next(e for e in self.log if isinstance(e, dict) and e["event"] == "loaded")["horizon_us"]
        threading.Thread(target=self._read_log, daemon=True).start()

    def _read_log(self):
        for line in self.process.stderr:
            self.log.append(json.loads(line) if line.startswith("{") else line.strip())

    def status(self):
        """Resident memory in KiB and number of threads."""
        fields = dict(line.split(":", 1) for line in open(f"/proc/{self.process.pid}/status") if ":" in line)
        return int(fields["VmRSS"].split()[0]), int(fields["Threads"])

    def stop(self, number=signal.SIGTERM):
        """Returns the exit status."""
        self.process.send_signal(number)
        return self.process.wait(timeout=60)
