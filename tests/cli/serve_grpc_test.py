"""einet serve: the gRPC protocol, with a client of Debian's python3-grpcio and messages compiled from a .proto file."""
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import unittest

import grpc

from harness import SOURCE
from server_harness import PIXELS, ServerTest, valid


def compile_protocol():
    folder = tempfile.mkdtemp(prefix="einet-proto-")
    subprocess.run(["protoc", f"--python_out={folder}", "-I", SOURCE / "src/serve/grpc", "inference.proto"], check=True)
    sys.path.insert(0, folder)
    import inference_pb2
    sys.path.remove(folder)
    return inference_pb2


pb = compile_protocol()
CODE = grpc.StatusCode


def request(**fields):
    message = pb.ModelInferRequest(model_name="net", id="a", **fields)
    message.inputs.add(name="image", datatype="FP32", shape=[1, 1, 28, 28])
    message.raw_input_contents.append(struct.pack(f"<{PIXELS}f", *[0.5] * PIXELS))
    return message


def with_timeout(microseconds):
    message = request()
    message.parameters["timeout"].int64_param = microseconds
    return message


class GrpcTest(ServerTest):
    def setUp(self):
        super().setUp()
        self.channel = grpc.insecure_channel(f"127.0.0.1:{self.grpc}")
        self.addCleanup(self.channel.close)

    def call(self, method, message, **options):
        reply = getattr(pb, method + "Response")
        stub = self.channel.unary_unary(f"/inference.GRPCInferenceService/{method}",
                                        request_serializer=lambda m: m.SerializeToString(),
                                        response_deserializer=reply.FromString)
        return stub(message, timeout=options.pop("timeout", 60), **options)

    def refused(self, code, says, method, message, **options):
        with self.assertRaises(grpc.RpcError) as caught:
            self.call(method, message, **options)
        self.assertEqual(caught.exception.code(), code, caught.exception.details())
        self.assertIn(says, caught.exception.details())

    def test_health_and_metadata(self):
        self.assertTrue(self.call("ServerLive", pb.ServerLiveRequest()).live)
        self.assertTrue(self.call("ServerReady", pb.ServerReadyRequest()).ready)
        self.assertTrue(self.call("ModelReady", pb.ModelReadyRequest(name="net")).ready)
        self.assertEqual(self.call("ServerMetadata", pb.ServerMetadataRequest()).name, "einet")
        metadata = self.call("ModelMetadata", pb.ModelMetadataRequest(name="net", version="1"))
        self.assertEqual(list(metadata.inputs[0].shape), [1, 1, 28, 28])
        self.assertEqual([output.name for output in metadata.outputs], ["label", "probabilities"])
        self.refused(CODE.NOT_FOUND, "no model", "ModelMetadata", pb.ModelMetadataRequest(name="other"))
        self.refused(CODE.NOT_FOUND, "no model", "ModelReady", pb.ModelReadyRequest(name="other"))
        check = self.channel.unary_unary("/grpc.health.v1.Health/Check")
        self.assertEqual(check(b"", timeout=60), b"\x08\x01")  # SERVING

    def test_an_answer(self):
        reply = self.call("ModelInfer", request())
        self.assertEqual((reply.model_name, reply.model_version, reply.id), ("net", "1", "a"))
        (label,) = struct.unpack("<q", reply.raw_output_contents[0])
        probabilities = struct.unpack("<10f", reply.raw_output_contents[1])
        self.assertEqual(max(probabilities), probabilities[label])
        self.assertAlmostEqual(reply.parameters["confidence"].double_param, probabilities[label], places=5)
        self.assertFalse(reply.parameters["interrupted"].bool_param)

        message = request()
        del message.raw_input_contents[:]
        message.inputs[0].contents.fp32_contents.extend([0.5] * PIXELS)
        typed = self.call("ModelInfer", message)
        self.assertEqual(typed.outputs[0].contents.int64_contents, [label])
        for got, expected in zip(typed.outputs[1].contents.fp32_contents, probabilities):
            self.assertAlmostEqual(got, expected, places=5)

    def test_timeouts_and_deadlines(self):
        self.refused(CODE.DEADLINE_EXCEEDED, "the timeout of 1 us leaves less than", "ModelInfer", with_timeout(1))
        for timeout in range(200, 3000, 200):
            try:
                self.assertLess(self.call("ModelInfer", with_timeout(timeout)).parameters["elapsed_us"].int64_param, timeout)
            except grpc.RpcError as error:
                self.assertEqual(error.code(), CODE.DEADLINE_EXCEEDED)
        # The deadline of the call is an upper bound, less two milliseconds.
        self.refused(CODE.DEADLINE_EXCEEDED, "", "ModelInfer", with_timeout(1_000_000), timeout=0.001)
        self.assertFalse(self.call("ModelInfer", with_timeout(10_000_000)).parameters["interrupted"].bool_param)

    def test_malformed_requests(self):
        def refused(says, change):
            message = request()
            change(message)
            self.refused(CODE.INVALID_ARGUMENT, says, "ModelInfer", message)
        refused("has 0 inputs", lambda m: m.inputs.pop())
        refused("needs FP32", lambda m: setattr(m.inputs[0], "datatype", "INT8"))
        refused("needs [1,1,28,28]", lambda m: m.inputs[0].shape.append(1))
        refused("values, but its shape", lambda m: m.raw_input_contents.__setitem__(0, b"1234"))
        refused("is nan", lambda m: m.raw_input_contents.__setitem__(0, struct.pack("<f", float("nan")) * PIXELS))
        refused("output 'x' does not exist", lambda m: m.outputs.add(name="x"))
        self.refused(CODE.NOT_FOUND, "version '2'", "ModelInfer", request(model_version="2"))
        self.refused(CODE.RESOURCE_EXHAUSTED, "larger than max", "ModelInfer", request(model_version="x" * 1_000_000))

    def test_streams(self):
        stream = self.channel.stream_stream("/inference.GRPCInferenceService/ModelStreamInfer",
                                            request_serializer=lambda m: m.SerializeToString(),
                                            response_deserializer=pb.ModelStreamInferResponse.FromString)
        wrong = request()
        wrong.inputs[0].name = "x"
        replies = list(stream(iter([request(), wrong, with_timeout(1), request()]), timeout=60))
        runs = [[]]
        for reply in replies:
            runs[-1].append(reply)
            if reply.infer_response.parameters["triton_final_response"].bool_param:
                runs.append([])
        self.assertEqual(runs.pop(), [])
        self.assertEqual(len(runs), 4)
        for run in (runs[0], runs[3]):
            exits = [reply.infer_response.parameters["exit"].int64_param for reply in run]
            self.assertEqual(exits[:-1], sorted(set(exits)))
            self.assertEqual(exits[-1], exits[-2])
            self.assertEqual({reply.error_message for reply in run}, {""})
        for run, says in ((runs[1], "input 'x' does not exist"), (runs[2], "the timeout of 1 us")):
            self.assertEqual(len(run), 1)
            self.assertIn(says, run[0].error_message)
            self.assertEqual(run[0].infer_response.id, "a")

    def test_cancelled_calls_free_their_sessions(self):
        stub = self.channel.unary_unary("/inference.GRPCInferenceService/ModelInfer",
                                        request_serializer=lambda m: m.SerializeToString(),
                                        response_deserializer=pb.ModelInferResponse.FromString)
        for _ in range(50):
            stub.future(request()).cancel()
        self.call("ModelInfer", request())
        self.eventually(lambda: self.metric("einet_sessions_busy") == 0 and self.metric("einet_queue_length") == 0)

    def test_threads_get_their_own_answers(self):
        failures = []

        def load():
            try:
                for _ in range(50):
                    self.call("ModelInfer", request())
            except Exception as error:
                failures.append(error)
        threads = [threading.Thread(target=load) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])


def frame(kind, flags, stream, payload):
    """Of HTTP/2 (RFC 9113)."""
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


DATA, HEADERS, RST_STREAM, SETTINGS = 0, 1, 3, 4
INITIAL_WINDOW_SIZE = 4


def headers(method):
    """The header block of a call, without compression."""
    fields = {":method": "POST", ":scheme": "http", ":path": f"/inference.GRPCInferenceService/{method}",
              ":authority": "x", "content-type": "application/grpc", "te": "trailers"}
    return b"".join(bytes([0, len(name)]) + name.encode() + bytes([len(value)]) + value.encode()
                    for name, value in fields.items())


class RawClientTest(ServerTest):
    """Clients that speak HTTP/2 themselves."""

    def client(self, *settings):
        client = socket.create_connection(("127.0.0.1", self.grpc), timeout=60)
        self.addCleanup(client.close)
        client.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" +
                       frame(SETTINGS, 0, 0, b"".join(struct.pack(">HI", *each) for each in settings)))
        return client

    def message(self):
        body = request().SerializeToString()
        return b"\0" + struct.pack(">I", len(body)) + body


class FarDeadlineTest(RawClientTest):
    def test_deadlines(self):
        def answers():
            _, _, text = self.request("GET", "/metrics")
            return sum(float(line.rsplit(" ", 1)[1]) for line in text.decode().splitlines()
                       if line.startswith("einet_answers_total"))
        for deadline in ("99999999H", "2562047H", "100000S"):  # 11,000 years, 292 years, a day.
            before = answers()
            block = headers("ModelInfer") + b"\0\x0cgrpc-timeout" + bytes([len(deadline)]) + deadline.encode()
            self.client().sendall(frame(HEADERS, 4, 1, block) + frame(DATA, 1, 1, self.message()))
            self.eventually(lambda: answers() == before + 1)


class HostileClientTest(RawClientTest):
    def test_streams_whose_client_does_not_read_hold_no_session(self):
        for _ in range(8):
            client = self.client((INITIAL_WINDOW_SIZE, 100))
            client.sendall(frame(HEADERS, 4, 1, headers("ModelStreamInfer")))
            for _ in range(3):
                client.sendall(frame(DATA, 0, 1, self.message()))
        for _ in range(20):
            self.infer(valid())
        self.eventually(lambda: self.metric("einet_sessions_busy") == 0)

    def test_calls_that_are_reset_at_once(self):
        client = self.client()
        reader = threading.Thread(target=lambda: [None for _ in iter(lambda: client.recv(1 << 20), b"")], daemon=True)
        reader.start()
        for number in range(3000):
            stream = 2 * number + 1
            client.sendall(frame(HEADERS, 4, stream, headers("ModelInfer")) + frame(DATA, 1, stream, self.message()) +
                           frame(RST_STREAM, 0, stream, struct.pack(">I", 8)))
        self.infer(valid())
        client.shutdown(socket.SHUT_RDWR)
        reader.join(timeout=60)
        self.eventually(lambda: self.metric("einet_sessions_busy") == 0 and self.metric("einet_queue_length") == 0)

    def test_garbage(self):
        call = frame(HEADERS, 4, 1, headers("ModelInfer"))
        for sent in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01" + bytes(1000), bytes(10_000)):
            client = socket.create_connection(("127.0.0.1", self.grpc), timeout=60)
            self.addCleanup(client.close)
            client.sendall(sent)
        for sent in (frame(DATA, 1, 1, b"x"), call + frame(DATA, 1, 1, b"\0\xff\xff\xff\xff"), call + call,
                     frame(HEADERS, 4, 1, b"\xff" * 100), call + frame(DATA, 1, 1, b"\0\0\0\0\4\xff\xff\xff\xff"),
                     call + frame(DATA, 1, 1, b"\1\0\0\0\0"), frame(99, 255, 7, bytes(1000))):
            self.client().sendall(sent)
        self.infer(valid())
        # The log, which has only JSON, is checked when the server is stopped.


class GrpcDrainTest(ServerTest):
    def test_calls_in_progress_are_answered(self):
        channel = grpc.insecure_channel(f"127.0.0.1:{self.grpc}")
        self.addCleanup(channel.close)
        stub = channel.unary_unary("/inference.GRPCInferenceService/ModelInfer",
                                   request_serializer=lambda m: m.SerializeToString(),
                                   response_deserializer=pb.ModelInferResponse.FromString)
        stub(request(), timeout=60)
        calls = [stub.future(request(), timeout=60) for _ in range(20)]
        self.assertEqual(self.stop_server(), 0)
        for call in calls:
            self.assertIn(call.code(), (CODE.OK, CODE.UNAVAILABLE), call.details())


if __name__ == "__main__":
    unittest.main()
