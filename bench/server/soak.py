#!/usr/bin/env python3
"""Sends many requests with random timeouts and checks every reply.

An answer must be the one that its exit gives offline: the label of `einet model run`, or one that is as probable up to
rounding, with the same confidence. Everything else must be one of the documented refusals. Some requests are abandoned
before their reply. The server must survive, with flat memory. Exit status 1 otherwise.

    bench/server/soak.py EINET BUNDLE [--requests 1000000]     a bundle for Fashion-MNIST with times of this machine

Needs python3-numpy, python3-grpcio, protobuf-compiler and dataset-fashion-mnist.
"""
import argparse
import json
import multiprocessing
import pathlib
import random
import socket
import struct
import subprocess
import sys
import tempfile
import time

import numpy as np

from images import fashion_mnist, offline_probabilities
from server_process import ServerProcess

ROUNDING = 1e-4  # Of probabilities: other batch sizes and implementations add in another order.
REFUSALS = {("the timeout of", 504): "timeout too short", ("all sessions were in use", 504): "no session in time",
            ("the run was cut off before", 504): "no answer", ("the queue is full", 503): "queue full"}
GRPC_REFUSALS = {504: "DEADLINE_EXCEEDED", 503: "RESOURCE_EXHAUSTED"}


def refusal(sentence, code, grpc=False):
    """Its kind, or nothing if it is not a documented one."""
    for (begin, status), kind in REFUSALS.items():
        if sentence.startswith(begin) and code == (GRPC_REFUSALS[status] if grpc else status):
            return kind
    return None


def fault(offline, image, timeout, exit, label, confidence, elapsed):
    """What is wrong with an answer, or nothing. `exit` is counted from 1."""
    if not 1 <= exit <= len(offline):
        return f"exit {exit}"
    expected = offline[exit - 1, image]
    if label != expected.argmax() and expected[label] < expected.max() - ROUNDING:
        return f"image {image}, exit {exit}: label {label} instead of {expected.argmax()}"
    if abs(confidence - expected.max()) > ROUNDING:
        return f"image {image}, exit {exit}: confidence {confidence} instead of {expected.max()}"
    if timeout and elapsed > timeout:
        return f"an answer of {elapsed} us to a timeout of {timeout} us"
    return None


class RestClient:
    def __init__(self, port, images):
        self.port = port
        self.bytes = [image.astype("<f4").tobytes() for image in images]
        self.shape = [1, *images.shape[1:]]
        self.socket = None

    def request(self, image, timeout, abandon):
        """(code, exit, label, confidence, elapsed) or (code, sentence)."""
        pixels = self.bytes[image]
        parameters = {"timeout": timeout} if timeout else {}
        text = json.dumps({"parameters": parameters, "outputs": [{"name": "label"}], "inputs": [
            {"name": "image", "datatype": "FP32", "shape": self.shape,
             "parameters": {"binary_data_size": len(pixels)}}]}).encode()
        head = (f"POST /v2/models/net/infer HTTP/1.1\r\nHost: x\r\nContent-Length: {len(text) + len(pixels)}\r\n"
                f"Inference-Header-Content-Length: {len(text)}\r\n\r\n").encode()
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=60)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(head + text + pixels)
        if abandon:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # A reset.
            self.socket.close()
            self.socket = None
            return None
        received = b""
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._receive()
        header = received[:end].decode()
        size = int(header.lower().split("content-length:")[1].split("\r")[0])
        while len(received) < end + 4 + size:
            received += self._receive()
        code, reply = int(header.split(" ", 2)[1]), json.loads(received[end + 4:])
        if code != 200:
            return code, reply["error"]
        of = reply["parameters"]
        return code, of["exit"], reply["outputs"][0]["data"][0], of["confidence"], of["elapsed_us"]

    def _receive(self):
        part = self.socket.recv(65536)
        if not part:
            raise ConnectionError("the connection was closed before the reply")
        return part


class GrpcClient:
    def __init__(self, port, images, protocol):
        sys.path.insert(0, protocol)
        import grpc
        import inference_pb2
        self.grpc, self.messages = grpc, inference_pb2
        self.bytes = [image.astype("<f4").tobytes() for image in images]
        self.shape = [1, *images.shape[1:]]
        self.stub = grpc.insecure_channel(f"127.0.0.1:{port}").unary_unary(
            "/inference.GRPCInferenceService/ModelInfer", request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=inference_pb2.ModelInferResponse.FromString)

    def request(self, image, timeout, abandon):
        message = self.messages.ModelInferRequest(model_name="net")
        message.inputs.add(name="image", datatype="FP32", shape=self.shape)
        message.raw_input_contents.append(self.bytes[image])
        message.outputs.add(name="label")
        if timeout:
            message.parameters["timeout"].int64_param = timeout
        if abandon:
            self.stub.future(message).cancel()
            return None
        try:
            reply = self.stub(message)
        except self.grpc.RpcError as error:
            return error.code().name, error.details()
        of = reply.parameters
        (label,) = struct.unpack("<q", reply.raw_output_contents[0])
        return (200, of["exit"].int64_param, label, of["confidence"].double_param, of["elapsed_us"].int64_param)


def load(make_client, offline, seed, horizon_us, abandoned, left, results, is_grpc):
    """Requests until none are left. Puts the counts by outcome and the first faults."""
    client, rng = make_client(), random.Random(seed)
    counts, faults = {}, []
    part = 100
    while True:
        with left.get_lock():
            take = min(part, left.value)
            left.value -= take
        if take == 0:
            break
        for _ in range(take):
            image = rng.randrange(offline.shape[1])
            # From too short to ample, also for the time in the queue, and none for one request in 20.
            timeout = 0 if rng.random() < 0.05 else int(horizon_us * 10 ** rng.uniform(-1, 2))
            wrong, kind = None, None
            try:
                outcome = client.request(image, timeout, rng.random() < abandoned)
            except OSError as error:
                outcome, client = ("connection", str(error)), make_client()
            if outcome is None:
                kind = "abandoned"
            elif outcome[0] == 200:
                kind = f"exit {outcome[1]}"
                wrong = fault(offline, image, timeout, *outcome[1:])
            else:
                kind = refusal(outcome[1], outcome[0], is_grpc)
                if kind is None:
                    wrong = f"{outcome[0]}: {outcome[1]}"
            if wrong:
                kind = "wrong"
                faults = (faults + [wrong])[:5]
            counts[kind] = counts.get(kind, 0) + 1
    results.put((counts, faults))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("einet")
    parser.add_argument("bundle")
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--rest", type=int, default=3, help="REST clients")
    parser.add_argument("--grpc", type=int, default=1, help="gRPC clients")
    parser.add_argument("--abandoned", type=float, default=0.002, help="share of requests whose client goes away")
    parser.add_argument("--growth", type=float, default=8, help="MiB of memory that may be added after the first fifth")
    parser.add_argument("--seed", type=int, default=1)
    o = parser.parse_args()

    images = fashion_mnist(o.images)
    offline = offline_probabilities(o.einet, o.bundle, images)
    protocol = tempfile.mkdtemp(prefix="einet-proto-")
    sources = pathlib.Path(__file__).resolve().parents[2] / "src/serve/grpc"
    subprocess.run(["protoc", f"--python_out={protocol}", "-I", sources, "inference.proto"], check=True)
    server = ServerProcess(o.einet, o.bundle, "--publish", "latest")
    left, results = multiprocessing.Value("q", o.requests), multiprocessing.Queue()
    clients = []
    for i in range(o.rest + o.grpc):
        is_grpc = i >= o.rest
        make = ((lambda: GrpcClient(server.grpc, images, protocol)) if is_grpc
                else (lambda: RestClient(server.http, images)))
        clients.append(multiprocessing.Process(target=load, args=(
            make, offline, o.seed * 1000 + i, server.horizon_us, o.abandoned, left, results, is_grpc)))
    begin = time.monotonic()
    for client in clients:
        client.start()
    memory = []  # (share of the requests begun, MiB, threads)
    while any(client.is_alive() for client in clients) and server.process.poll() is None:
        kib, threads = server.status()
        memory.append((1 - left.value / o.requests, kib / 1024, threads))
        time.sleep(0.5)
        if not results.empty() and results.qsize() == len(clients):
            break
    crashed = server.process.poll() is not None
    totals, faults = {}, []
    for _ in clients if not crashed else []:
        counts, some = results.get()
        faults += some
        for kind, count in counts.items():
            totals[kind] = totals.get(kind, 0) + count
    for client in clients:
        client.join()
    seconds = time.monotonic() - begin
    early = max([mib for share, mib, _ in memory if share <= 0.2], default=memory[0][1])
    last = memory[-1][1]
    status = server.process.returncode if crashed else server.stop()
    report = {"requests": sum(totals.values()), "seconds": round(seconds, 1), "outcomes": dict(sorted(totals.items())),
              "faults": faults, "server_status": status, "memory_mib": [
                  {"share": round(s, 2), "mib": round(m, 1), "threads": t} for s, m, t in
                  memory[::max(1, len(memory) // 20)]], "first_fifth_mib": round(early, 1), "end_mib": round(last, 1)}
    print(json.dumps(report, indent=1))
    failed = (faults or status != 0 or report["requests"] != o.requests or last - early > o.growth)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
