"""einet serve: the REST protocol, with malformed requests, slow clients and SIGTERM under load."""
import copy
import http.client
import json
import re
import shutil
import signal
import socket
import struct
import subprocess
import threading
import unittest

from harness import SHIPPED, SOURCE, CommandTest
from server_harness import PIXELS, ServerTest, valid

ERROR = re.compile(r"^[^\n]+$")


class RestTest(ServerTest):
    def test_health_and_metadata(self):
        for path in ("/v2/health/live", "/v2/health/ready", "/v2/models/net/ready", "/v2/models/net/versions/1/ready"):
            self.assertEqual(self.request("GET", path)[0], 200, path)
        server = json.loads(self.request("GET", "/v2")[2])
        self.assertEqual(server["name"], "einet")
        self.assertEqual(server["extensions"], ["binary_tensor_data"])
        model = json.loads(self.request("GET", "/v2/models/net")[2])
        self.assertEqual(model["inputs"], [{"name": "image", "datatype": "FP32", "shape": [1, 1, 28, 28]}])
        self.assertEqual([output["name"] for output in model["outputs"]], ["label", "probabilities"])
        self.assertEqual(len(model["parameters"]["labels"]), 10)

    def test_an_answer(self):
        reply = self.infer(valid())
        self.assertEqual((reply["model_name"], reply["model_version"], reply["id"]), ("net", "1", "a"))
        self.assertFalse(reply["parameters"]["interrupted"])
        self.assertGreater(reply["parameters"]["elapsed_us"], 0)
        label, probabilities = reply["outputs"]
        self.assertEqual((label["name"], label["datatype"], label["shape"]), ("label", "INT64", [1]))
        self.assertEqual((probabilities["datatype"], probabilities["shape"]), ("FP32", [1, 10]))
        self.assertAlmostEqual(sum(probabilities["data"]), 1, places=4)
        self.assertEqual(max(probabilities["data"]), probabilities["data"][label["data"][0]])
        self.assertAlmostEqual(max(probabilities["data"]), reply["parameters"]["confidence"], places=5)

    def test_the_answers_are_those_of_einet_run(self):
        (expected,) = self.json("run", SHIPPED, "fashion-mnist:0", "--no-tune")
        from_file = self.dir / "image.npy"
        # The image as the server's client would read it: the command itself decodes the data set.
        header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (1, 28, 28), }".ljust(117) + b"\n"
        pixels = first_test_image()
        from_file.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + bytes(pixels))
        (again,) = self.json("run", SHIPPED, from_file, "--no-tune")
        self.assertEqual(again["answer"]["label"], expected["answer"]["label"])
        document = valid()
        document["inputs"][0]["data"] = [pixel / 255 for pixel in pixels]
        reply = self.infer(document)
        self.assertEqual(reply["outputs"][0]["data"], [expected["answer"]["label"]])
        self.assertEqual(reply["parameters"]["label_name"], expected["answer"]["name"])

    def test_timeouts(self):
        reply = self.infer(valid(timeout=10_000_000))
        self.assertFalse(reply["parameters"]["interrupted"])
        error = self.infer(valid(timeout=1), status=504)["error"]
        self.assertIn("the timeout of 1 us leaves less than", error)
        self.assertGreaterEqual(self.metric('einet_rejected_total{model="net",reason="timeout_too_short"}'), 1)
        # Cut off at a random time, a run has an answer of that time or none.
        for timeout in range(200, 3000, 200):
            status, _, body = self.request("POST", "/v2/models/net/infer", json.dumps(valid(timeout=timeout)))
            self.assertIn(status, (200, 504), body)
            if status == 200:
                self.assertLess(json.loads(body)["parameters"]["elapsed_us"], timeout)

    def test_binary_tensors(self):
        pixels = struct.pack(f"<{PIXELS}f", *[0.5] * PIXELS)
        document = valid(binary_data_output=True)
        del document["inputs"][0]["data"]
        document["inputs"][0]["parameters"] = {"binary_data_size": len(pixels)}
        text = json.dumps(document).encode()
        headers = {"Inference-Header-Content-Length": str(len(text))}
        status, reply_headers, body = self.request("POST", "/v2/models/net/infer", text + pixels, headers)
        self.assertEqual(status, 200, body)
        size = int(reply_headers["Inference-Header-Content-Length"])
        reply = json.loads(body[:size])
        self.assertEqual([output["parameters"]["binary_data_size"] for output in reply["outputs"]], [8, 40])
        (label,) = struct.unpack("<q", body[size:size + 8])
        self.assertEqual([label], self.infer(valid())["outputs"][0]["data"])
        self.assertEqual(len(body), size + 48)
        for wrong in ("-1", "x", str(len(text) + len(pixels) + 1), ""):
            self.infer(text + pixels, 400, {"Inference-Header-Content-Length": wrong})
        self.infer(text + pixels[:-4], 400, headers)

    def test_event_streams(self):
        connection = self.connect()
        for _ in range(2):  # On one connection.
            connection.request("POST", "/v2/models/net/infer", json.dumps(valid()), {"Accept": "text/event-stream"})
            response = connection.getresponse()
            self.assertEqual(response.headers["Content-Type"], "text/event-stream")
            events = re.findall(r"event: (\w+)\ndata: (.*)\n\n", response.read().decode())
            names = [name for name, _ in events]
            self.assertEqual(names, ["answer"] * (len(names) - 1) + ["end"])
            exits = [json.loads(data)["parameters"]["exit"] for _, data in events]
            self.assertEqual(exits[:-1], sorted(set(exits)))
            self.assertEqual(exits[-1], exits[-2])
            times = [json.loads(data)["parameters"]["elapsed_us"] for _, data in events]
            self.assertEqual(times, sorted(times))
        self.infer(valid(timeout=1), 504, {"Accept": "text/event-stream"})
        self.assertIn("no binary outputs", self.infer(valid(binary_data_output=True), 400,
                                                      {"Accept": "text/event-stream"})["error"])

    def test_malformed_requests(self):
        def change(**fields):
            document = copy.deepcopy(valid())
            document["inputs"][0].update(fields)
            return document
        wrong = ["", "{", "[]", "null", "NaN", b"\xff\xfe", '{"inputs": 1}', '{"a": 1, "a": 2}', "[" * 50_000,
                 change(shape=[28, 28]), change(shape=[1, 1, 28, 10**30]), change(datatype="UINT8"), change(name="x"),
                 change(data=[0.5]), change(data=[0.5] * (PIXELS + 1)), change(data="x"), change(data=[2.0] * PIXELS),
                 change(data=[None] * PIXELS), {**valid(), "inputs": []}, {**valid(), "parameters": {"timeout": "1"}},
                 *({**valid(), "parameters": {"timeout": timeout}} for timeout in (-1, 0, 1.5, True, None, [], 1 << 63, 1 << 80,
                                                                                   3_600_000_001)), {**valid(), "outputs": [{"name": "x"}]}, {**valid(), "id": 1}]
        for document in wrong:
            self.assertRegex(self.infer(document, 400)["error"], ERROR)
        for number, says in (("NaN", "malformed"), ("-Infinity", "malformed"), ("1e999", "out of range"), ("1e300", "is inf")):
            text = json.dumps(valid()).replace("0.5", number, 1)
            self.assertIn(says, self.infer(text, 400)["error"])
        twice = json.dumps(valid()).replace('{"id"', '{"\\u0069d": "b", "id"', 1)
        self.assertIn("twice", self.infer(twice, 400)["error"])
        self.infer(valid())
        self.assertGreaterEqual(self.metric('einet_rejected_total{model="net",reason="invalid"}'), len(wrong))

    def test_wrong_paths_and_methods(self):
        for path in ("/v2/models/other", "/v2/models/other/ready", "/v2/models/net/versions/2", "/nothing", "/v2/"):
            status, _, body = self.request("GET", path)
            self.assertEqual(status, 404, path)
            self.assertRegex(json.loads(body)["error"], ERROR)
        self.infer(valid(), 404, path="/v2/models/other/infer")
        status, headers, _ = self.request("GET", "/v2/models/net/infer")
        self.assertEqual((status, headers["Allow"]), (405, "POST"))
        self.assertEqual(self.request("POST", "/v2/health/live", "")[0], 405)
        status, headers, body = self.request("HEAD", "/v2")
        self.assertEqual((status, body), (200, b""))
        self.assertGreater(int(headers["Content-Length"]), 10)

    def test_limits(self):
        status, _, body = self.request("POST", "/v2/models/net/infer", b"x" * 1_000_000)
        self.assertEqual(status, 413, body)
        status, _, body = self.request("GET", "/v2", headers={"X": "y" * 10_000})
        self.assertEqual(status, 431, body)
        client = self.raw_client(b"nonsense\r\n\r\n")
        self.assertTrue(client.recv(1000).startswith(b"HTTP/1.1 400"))

    def raw_client(self, sent):
        client = socket.create_connection(("127.0.0.1", self.http), timeout=60)
        self.addCleanup(client.close)
        client.sendall(sent)
        return client

    def test_a_large_request_may_wait_to_be_continued(self):
        body = json.dumps(valid()).encode()
        client = self.raw_client(b"POST /v2/models/net/infer HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                                 b"Content-Length: %d\r\n\r\n" % len(body))
        self.assertTrue(client.recv(1000).startswith(b"HTTP/1.1 100 "))
        client.sendall(body)
        self.assertTrue(client.recv(1000).startswith(b"HTTP/1.1 200 "))

    def test_clients_of_http_1_0_get_neither_chunks_nor_interim_replies(self):
        body = json.dumps(valid()).encode()
        client = self.raw_client(b"POST /v2/models/net/infer HTTP/1.0\r\nExpect: 100-continue\r\n"
                                 b"Accept: text/event-stream\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        received = b""
        while part := client.recv(65536):
            received += part
        header, _, reply = received.partition(b"\r\n\r\n")
        self.assertTrue(header.startswith(b"HTTP/1.0 200 "), header)
        self.assertEqual(json.loads(reply)["id"], "a")

    def test_malformed_lengths(self):
        post = b"POST /v2/models/net/infer HTTP/1.1\r\nHost: x\r\n"
        for status, wrong in ((400, b"Content-Length: -1"), (400, b"Content-Length: 99999999999999999999"),
                              (400, b"Content-Length: 5\r\nContent-Length: 6"), (400, b"Transfer-Encoding: chunked\r\n\r\nzz"),
                              (400, b"Content-Length: 5\r\nTransfer-Encoding: chunked"), (400, b"Host: \0"),
                              (413, b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffff")):
            client = self.raw_client(post + wrong + b"\r\n\r\n")
            self.assertTrue(client.recv(1000).startswith(b"HTTP/1.1 %d" % status), wrong)

    def test_pipelined_requests_without_end(self):
        client = self.raw_client(b"")
        client.settimeout(1)
        with self.assertRaises(OSError):  # The server stops to read when its replies are not.
            for _ in range(100_000):
                client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 100)
        self.infer(valid())

    def test_pipelined_requests(self):
        body = json.dumps(valid()).encode()
        request = b"POST /v2/models/net/infer HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        client = self.raw_client(request * 3 + b"GET /v2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        received = b""
        while part := client.recv(65536):
            received += part
        self.assertEqual(received.count(b"HTTP/1.1 200"), 4)

    def test_bad_clients_do_not_affect_others(self):
        body = json.dumps(valid()).encode()
        header = b"POST /v2/models/net/infer HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body)
        slow = [self.raw_client(part) for part in (b"", b"GET", header, header + body[:100]) for _ in range(50)]
        for _ in range(20):  # Resets: unread replies and lingering time 0.
            client = self.raw_client(header + body)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
        for _ in range(20):
            self.infer(valid())
            self.assertEqual(self.request("GET", "/v2/health/live")[0], 200)
        slow[-1].sendall(body[100:])
        self.assertTrue(slow[-1].recv(100).startswith(b"HTTP/1.1 200"))
        self.eventually(lambda: self.metric("einet_sessions_busy") == 0)

    @unittest.skipUnless(shutil.which("curl"), "needs curl")
    def test_the_documented_requests(self):
        texts = [(SOURCE / name).read_text() for name in ("docs/serve.md", "README.md")]
        blocks = [block for text in texts for block in re.findall(r"```sh\n(.*?)```", text, re.S) if "curl" in block]
        self.assertEqual(len(blocks), 2)
        for block in blocks:  # The first writes request.json.
            lines = [line for line in block.splitlines(keepends=True) if not line.startswith("einet serve")]
            script = "".join(lines).replace("localhost:8080", f"127.0.0.1:{self.http}").replace("/mine", "/net")
            done = subprocess.run(["bash", "-e", "-c", script], cwd=self.dir, capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertNotIn('"error"', done.stdout)
            self.assertIn('"label_name":', done.stdout)
            if "-N" in block:
                self.assertIn("HTTP/1.1 200 OK", done.stdout)
                self.assertIn('"name":"net"', done.stdout)
                self.assertIn("event: end\n", done.stdout)

    def test_the_page(self):
        status, headers, body = self.request("GET", "/")
        self.assertEqual((status, headers["Content-Type"]), (200, "text/html; charset=utf-8"))
        page = body.decode()
        self.assertIn("default-src 'none'", headers["Content-Security-Policy"])
        self.assertNotIn("/*{{", page)
        self.assertIsNone(re.search(r"https?://|src=|<link", page), "no external resources")


def first_test_image():
    """Pixels of the first test image of Fashion-MNIST in Debian's package."""
    import gzip
    import pathlib
    (path,) = pathlib.Path("/usr/share/datasets/fashion-mnist").glob("t10k-images*")
    data = (gzip.open(path) if path.suffix == ".gz" else open(path, "rb")).read(16 + PIXELS)
    return data[16:]


class FewConnectionsTest(ServerTest):
    OPTIONS = ["--connections", "4", "--receive", "1", "--log-requests"]

    def test_the_connection_that_waits_longest_makes_room(self):
        idle = [socket.create_connection(("127.0.0.1", self.http), timeout=60) for _ in range(8)]
        for client in idle:
            self.addCleanup(client.close)
        self.assertEqual(idle[0].recv(1), b"")
        self.infer(valid())
        self.assertEqual(idle[0].recv(1), b"")

    def test_slow_requests_are_closed(self):
        client = socket.create_connection(("127.0.0.1", self.http), timeout=60)
        self.addCleanup(client.close)
        client.sendall(b"GET /v2 HT")
        self.assertEqual(client.recv(1), b"")


class DrainTest(ServerTest):
    def test_every_request_in_progress_is_answered(self):
        body = json.dumps(valid())
        statuses, started = [], threading.Barrier(9)

        def load():
            connection = self.connect()
            started.wait()
            while True:
                try:
                    connection.request("POST", "/v2/models/net/infer", body)
                except OSError:  # Closed between two requests.
                    return
                try:
                    response = connection.getresponse()
                    response.read()
                except (OSError, http.client.HTTPException) as error:
                    statuses.append(error)
                    return
                statuses.append(response.status)
                if response.status != 200 or response.will_close:
                    return

        threads = [threading.Thread(target=load) for _ in range(8)]
        for thread in threads:
            thread.start()
        started.wait()
        self.eventually(lambda: len(statuses) > 50)
        self.assertEqual(self.stop_server(), 0)
        for thread in threads:
            thread.join()
        self.assertGreater(statuses.count(200), 50)
        # A request that arrives during the shutdown may find its connection closed, but none is answered with an error.
        refused = [status for status in statuses if status not in (200, 503)]
        for error in refused:
            self.assertIsInstance(error, (http.client.RemoteDisconnected, ConnectionResetError))
        self.assertEqual([entry["event"] for entry in self.log[-2:]], ["draining", "stopped"])


class GraceTest(ServerTest):
    OPTIONS = ["--grace", "2"]

    def test_requests_are_accepted_although_the_server_is_not_ready(self):
        old = self.connect()
        old.request("GET", "/v2/health/ready")
        self.assertEqual(old.getresponse().read(), b"")
        self.server.send_signal(signal.SIGTERM)
        self.eventually(lambda: self.request("GET", "/v2/health/ready")[0] == 503)
        self.assertEqual(self.request("GET", "/v2/health/live")[0], 200)
        self.infer(valid())
        old.request("POST", "/v2/models/net/infer", json.dumps(valid()))
        response = old.getresponse()
        self.assertEqual((response.status, response.will_close), (200, True))
        response.read()
        self.log += [json.loads(line) for line in self.server.stderr]  # Ends by itself.
        self.assertEqual(self.server.wait(timeout=100), 0)
        self.assertEqual([entry["event"] for entry in self.log[-3:]], ["ending", "draining", "stopped"])


class StartTest(CommandTest):
    def test_errors(self):
        self.fails(1, "serve", SHIPPED, says=["has no times of this machine", "--timing-only", "--measure"])
        self.fails(1, "serve", "absent.einet", says="absent.einet")
        self.fails(2, "serve", says="bundles")
        self.fails(2, "serve", SHIPPED, "--htp", "1", says=["--htp", "'--http'"])
        self.fails(2, "serve", SHIPPED, "--queue", "-1", says="queue")
        self.fails(2, "serve", SHIPPED, "--sessions", "4096", says=["--sessions", "4096 requested"])
        self.fails(2, "serve", "=" + str(SHIPPED), says="no name before the '='")
        self.fails(2, "serve", SHIPPED, "--no-http", "--no-grpc")
        self.assertIn("--drain", self.ok("serve", "--help"))

    def test_a_port_in_use(self):
        self.copy_bundle()
        self.ok("profile", "copy.einet", "--timing-only", "--budget", "50ms", "--no-tune")
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            for options in (["--http", str(port), "--grpc", "0"], ["--grpc", str(port), "--http", "0"]):
                done = self.einet("serve", "copy.einet", "--address", "127.0.0.1", *options)
                self.assertEqual(done.returncode, 1)
                self.assertRegex(done.stderr.splitlines()[-1], f"^einet: (HTTP|gRPC) on 127.0.0.1:{port}: ")


if __name__ == "__main__":
    unittest.main()
