"""Starts einet serve on free ports and speaks HTTP with it, in Python's standard library."""
import http.client
import json
import signal
import subprocess
import time

from harness import EINET, SHIPPED, CommandTest

PIXELS = 28 * 28


class ServerTest(CommandTest):
    """One server for all tests of a class, with the shipped bundle under the name "net"."""
    OPTIONS = []

    @classmethod
    def setUpClass(cls):
        cls.start_server()

    @classmethod
    def tearDownClass(cls):
        cls.stop_server()

    @classmethod
    def start_server(cls):
        command = [EINET, "serve", f"net={SHIPPED}", "--measure", "--no-tune", "--address", "127.0.0.1", "--http", "0",
                   "--grpc", "0", *cls.OPTIONS]
        cls.server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        cls.log = []
        for line in cls.server.stderr:
            cls.log.append(json.loads(line))
            if cls.log[-1]["event"] == "listening":
                cls.http, cls.grpc = cls.log[-1]["http"], cls.log[-1]["grpc"]
                return
        raise AssertionError(f"the server has not started: {cls.log}")

    @classmethod
    def stop_server(cls):
        """Returns the exit status."""
        if cls.server.stderr.closed:
            return cls.server.returncode
        if cls.server.poll() is None:
            cls.server.send_signal(signal.SIGTERM)
        cls.log += [json.loads(line) for line in cls.server.stderr]
        status = cls.server.wait(timeout=100)
        cls.server.stderr.close()
        return status

    def connect(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=60)
        self.addCleanup(connection.close)
        return connection

    def request(self, method, path, body=None, headers={}):
        """Status, headers and body of the reply."""
        connection = self.connect()
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.headers, response.read()

    def infer(self, document, status=200, headers={}, path="/v2/models/net/infer"):
        body = document if isinstance(document, (str, bytes)) else json.dumps(document)
        got, _, reply = self.request("POST", path, body, headers)
        self.assertEqual(got, status, reply)
        return json.loads(reply)

    def metric(self, name):
        _, _, text = self.request("GET", "/metrics")
        for line in text.decode().splitlines():
            if line.startswith(name + " "):
                return float(line.rsplit(" ", 1)[1])
        raise AssertionError(f"no metric {name}")

    def eventually(self, holds):
        limit = time.monotonic() + 60
        while not holds():
            self.assertLess(time.monotonic(), limit)
            time.sleep(0.01)


def valid(value=0.5, **parameters):
    return {"id": "a", "parameters": parameters,
            "inputs": [{"name": "image", "datatype": "FP32", "shape": [1, 1, 28, 28], "data": [value] * PIXELS}]}
