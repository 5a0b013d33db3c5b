#!/usr/bin/env python3
"""Latency of health checks while other clients load and attack the server.

    bench/server/attack.py EINET BUNDLE [--seconds 20]         a bundle for Fashion-MNIST with times of this machine

Each phase has another mix of these:
    wrk     32 connections that send inference requests as fast as they are answered (Debian package wrk)
    slow    more connections than the server keeps, which send one byte of a header or of a body each second
    resets  clients that send half a request, or a whole one, and reset the connection

Meanwhile a client asks for /v2/health/live 50 times a second, on a new connection and on a kept one in turn. Prints the median and
the quantiles of its latency in milliseconds for every phase. Exit status 1 if a check fails, a median is not below 10 ms,
or the server ends.
"""
import argparse
import http.client
import json
import multiprocessing
import selectors
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

from server_process import ServerProcess

PIXELS = 28 * 28
BODY = json.dumps({"inputs": [{"name": "image", "datatype": "FP32", "shape": [1, 1, 28, 28], "data": [0.5] * PIXELS}]})
HEADER = f"POST /v2/models/net/infer HTTP/1.1\r\nHost: x\r\nContent-Length: {len(BODY)}\r\n\r\n"
WRK = 'wrk.method = "POST"\nwrk.body = io.open("%s"):read("*a")\n'


class HealthChecks:
    """One thread; latencies in seconds."""

    def __init__(self, port):
        self.port, self.stopped, self.latencies, self.failures = port, False, [], []
        self.kept = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _check(self, connection):
        begin = time.monotonic()
        try:
            connection.request("GET", "/v2/health/live")
            response = connection.getresponse()
            response.read()
            if response.status != 200:
                self.failures.append(response.status)
        except OSError as error:
            self.failures.append(repr(error))
        except http.client.HTTPException as error:
            self.failures.append(repr(error))
        self.latencies.append(time.monotonic() - begin)

    def _run(self):
        due = time.monotonic()
        while not self.stopped:
            self._check(self.kept)
            fresh = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            self._check(fresh)
            fresh.close()
            due = max(due + 0.04, time.monotonic())
            time.sleep(max(0.0, due - time.monotonic()))

    def stop(self):
        self.stopped = True
        self.thread.join()
        return sorted(self.latencies)


def slow_clients(port, count):
    """Runs until it is ended."""
    parts = (HEADER.encode(), HEADER.encode() + BODY.encode()[:1000], b"GET /v2/health/live HTTP/1.1\r\nX: ", b"")
    clients = {}
    selector = selectors.DefaultSelector()
    while True:
        while len(clients) < count:
            try:
                client = socket.create_connection(("127.0.0.1", port), timeout=10)
                client.sendall(parts[len(clients) % len(parts)])
            except OSError:
                break
            client.setblocking(False)
            clients[client] = True
            selector.register(client, selectors.EVENT_READ)
        for key, _ in selector.select(timeout=0):  # Closed by the server.
            selector.unregister(key.fileobj)
            key.fileobj.close()
            del clients[key.fileobj]
        for client in list(clients):
            try:
                client.send(b"0")
            except OSError:
                pass
        time.sleep(1)


def resetting_clients(port):
    """Runs until it is ended."""
    sent = (HEADER.encode(), HEADER.encode() + BODY.encode(), b"GET /v2/hea", b"\x16\x03\x01\x02\x00" * 100, b"")
    for i in range(1 << 62):
        try:
            client = socket.create_connection(("127.0.0.1", port), timeout=10)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.sendall(sent[i % len(sent)])
            client.close()
        except OSError:
            pass
        time.sleep(0.002)


def run_phase(port, seconds, attackers, wrk):
    workers = [multiprocessing.Process(target=target, args=args, daemon=True) for target, args in attackers]
    for worker in workers:
        worker.start()
    time.sleep(1)
    load = None
    if wrk:
        load = subprocess.Popen(["wrk", "-t1", "-c32", f"-d{seconds}s", "-s", wrk,
                                 f"http://127.0.0.1:{port}/v2/models/net/infer"], stdout=subprocess.PIPE, text=True)
    checks = HealthChecks(port)
    time.sleep(seconds)
    latencies = checks.stop()
    for worker in workers:
        worker.kill()
    quantile = lambda q: round(1000 * latencies[min(len(latencies) - 1, int(q * len(latencies)))], 2)
    result = {"checks": len(latencies), "failures": checks.failures[:5], "median_ms": quantile(0.5), "p99_ms": quantile(0.99),
              "longest_ms": quantile(1)}
    if load:
        text = load.communicate()[0]
        result["wrk"] = [line.strip() for line in text.splitlines()
                         if line.startswith(("Requests/sec", "  Socket errors", "  Non-2xx"))]
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("einet")
    parser.add_argument("bundle")
    parser.add_argument("--seconds", type=int, default=20, help="of each phase")
    parser.add_argument("--slow", type=int, default=1200, help="slow connections; the server keeps 1024")
    o = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/body.json", "w") as file:
            file.write(BODY)
        script = f"{folder}/post.lua"
        with open(script, "w") as file:
            file.write(WRK % f"{folder}/body.json")
        server = ServerProcess(o.einet, o.bundle)
        slow, resets = (slow_clients, (server.http, o.slow)), (resetting_clients, (server.http,))
        phases = {"idle": ([], None), "wrk": ([], script), "slow": ([slow], None), "resets": ([resets], None),
                  "wrk, slow and resets": ([slow, resets], script), "idle again": ([], None)}
        report = {name: run_phase(server.http, o.seconds, *phase) for name, phase in phases.items()}
        memory = server.status()[0] / 1024
        status = server.process.poll() if server.process.poll() is not None else server.stop()
    print(json.dumps({"phases": report, "server_status": status, "memory_mib": round(memory, 1)}, indent=1))
    failed = any(phase["failures"] or phase["median_ms"] >= 10 or phase["checks"] < o.seconds * 10
                 for phase in report.values())
    return 1 if failed or status != 0 else 0


if __name__ == "__main__":
    sys.exit(main())
