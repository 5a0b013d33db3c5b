#!/usr/bin/env python3
"""Kills one of two replicas behind HAProxy under load. Every request must get an answer or a documented refusal.

    bench/server/replicas.py EINET BUNDLE [--seconds 20]       a bundle for Fashion-MNIST with times of this machine

The configuration is deploy/haproxy.cfg with other ports. Clients send requests without pause by REST and gRPC. In turn,
each replica gets SIGTERM or SIGKILL and is started again. After SIGTERM there may be no failure at all. After SIGKILL,
HAProxy repeats requests of which it has received no part of the reply, and a client gets 502 or UNAVAILABLE for others. Clients
may repeat these too, because inference has no side effects, as the clients here do once. Exit status 1 if a repeated
request fails, or any after SIGTERM.

Needs haproxy and what soak.py needs.
"""
import argparse
import json
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from images import fashion_mnist
from server_process import ServerProcess
from soak import GrpcClient, RestClient, refusal

DEPLOYED = pathlib.Path(__file__).resolve().parents[2] / "deploy/haproxy.cfg"


def free_ports(count):
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in taken]
    for each in taken:
        each.close()
    return ports


def configuration(rest, grpc, replicas):
    """deploy/haproxy.cfg with these ports; `replicas` are pairs of ports."""
    text = DEPLOYED.read_text()
    text, count = re.subn(r"bind :80\b", f"bind 127.0.0.1:{rest}", text)
    text, more = re.subn(r"bind :81\b", f"bind 127.0.0.1:{grpc}", text)
    for (http, own_grpc), (old_http, old_grpc) in zip(replicas, ((8080, 9000), (8081, 9001))):
        text, here = re.subn(rf":{old_http}\b", f":{http}", text)
        text, there = re.subn(rf":{old_grpc}\b", f":{own_grpc}", text)
        count, more = count + here, more + there
    if (count, more) != (3, 3):
        raise SystemExit(f"{DEPLOYED} has another form than this script expects")
    return text


class Load:
    """Clients that send requests until they are stopped."""

    def __init__(self, makers):
        self.lock, self.stopped, self.phase = threading.Lock(), False, "steady"
        self.counts = {}
        self.failures = []
        self.threads = [threading.Thread(target=self._run, args=maker) for maker in makers]
        for thread in self.threads:
            thread.start()

    def _request(self, client, make, image, is_grpc):
        """(kind, client); the kind is "answered", a documented refusal, or "failed: …"."""
        try:
            outcome = client.request(image, 0 if image % 4 else 100_000, False)
        except OSError as error:
            return f"failed: {type(error).__name__} {error}", make()
        if outcome[0] == 200:
            return "answered", client
        return refusal(outcome[1], outcome[0], is_grpc) or f"failed: {outcome[0]} {outcome[1][:80]}", client

    def _run(self, name, make, is_grpc):
        client, image = make(), 0
        while not self.stopped:
            image = (image + 1) % 100
            phase = self.phase
            kind, client = self._request(client, make, image, is_grpc)
            if kind.startswith("failed"):
                again, client = self._request(client, make, image, is_grpc)
                if again.startswith("failed"):
                    self._count(phase, name, f"failed twice: {again}")
                self._count(phase, name, "repeated")
                with self.lock:
                    self.failures.append((phase, name, kind))
            else:
                self._count(phase, name, kind)

    def _count(self, phase, name, kind):
        with self.lock:
            of = self.counts.setdefault(phase, {}).setdefault(name, {})
            of[kind] = of.get(kind, 0) + 1

    def stop(self):
        self.stopped = True
        for thread in self.threads:
            thread.join()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("einet")
    parser.add_argument("bundle")
    parser.add_argument("--seconds", type=float, default=20, help="after each signal")
    parser.add_argument("--clients", type=int, default=3, help="of each protocol")
    o = parser.parse_args()
    images = fashion_mnist(100)
    protocol = tempfile.mkdtemp(prefix="einet-proto-")
    subprocess.run(["protoc", f"--python_out={protocol}", "-I", DEPLOYED.parents[1] / "src/serve/grpc", "inference.proto"],
                   check=True)
    rest, grpc, *own = free_ports(6)
    ports = [(own[0], own[1]), (own[2], own[3])]
    start = lambda i: ServerProcess(o.einet, o.bundle, "--sessions", "1", "--grace", "2", http=ports[i][0], grpc=ports[i][1])
    replicas = [start(0), start(1)]
    with tempfile.NamedTemporaryFile("w", suffix=".cfg") as file:
        file.write(configuration(rest, grpc, ports))
        file.flush()
        proxy = subprocess.Popen(["haproxy", "-db", "-f", file.name])
        time.sleep(2)  # Until HAProxy has checked the replicas.
        load = Load([("REST", lambda: RestClient(rest, images), False)] * o.clients +
                    [("gRPC", lambda: GrpcClient(grpc, images, protocol), True)] * o.clients)
        time.sleep(o.seconds / 2)
        for number, i in ((signal.SIGTERM, 0), (signal.SIGKILL, 1), (signal.SIGTERM, 1), (signal.SIGKILL, 0)):
            load.phase = number.name
            replicas[i].stop(number)
            time.sleep(o.seconds / 2)
            replicas[i] = start(i)
            load.phase = f"restart after {number.name}"
            time.sleep(o.seconds / 2)
        load.stop()
        proxy.terminate()
        proxy.wait()
    for replica in replicas:
        replica.stop()
    print(json.dumps({"counts": load.counts, "failed_once": sorted(set(load.failures))}, indent=1))
    twice = any(kind.startswith("failed twice") for phase in load.counts.values() for of in phase.values() for kind in of)
    return 1 if twice or any("SIGTERM" in phase for phase, _, _ in load.failures) else 0


if __name__ == "__main__":
    sys.exit(main())
