"""The web page of einet serve in headless Chromium, driven by the WebDriver protocol of chromedriver."""
import contextlib
import json
import shutil
import socket
import struct
import subprocess
import time
import unittest
import urllib.error
import urllib.request
import zlib

from server_harness import ServerTest

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # The key of a reference to an element.
HOME, END = "\ue011", "\ue010"


def driver_or_skip():
    driver = shutil.which("chromedriver")
    if driver is None or not (shutil.which("chromium") or shutil.which("google-chrome")):
        raise unittest.SkipTest("needs the packages chromium and chromium-driver")
    return driver


class Browser:
    def __init__(self, driver):
        with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as free:
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen([driver, f"--port={self.port}"], stdout=subprocess.DEVNULL)
        options = {"args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"performance": "ALL", "browser": "ALL"}}
        limit = time.monotonic() + 60
        while True:
            try:
                session = self._call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
                break
            except urllib.error.URLError:  # The driver does not listen yet.
                if time.monotonic() > limit:
                    self.process.kill()
                    raise
                time.sleep(0.1)
        self.session = f"/session/{session['sessionId']}"

    def _call(self, method, path, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method,
                                         data=json.dumps(body).encode() if body is not None else None)
        with urllib.request.urlopen(request, timeout=120) as reply:
            return json.load(reply)["value"]

    def post(self, path, **body):
        return self._call("POST", self.session + path, body)

    def script(self, text):
        return self.post("/execute/sync", script=text, args=[])

    def send_keys(self, selector, text):
        element = self.post("/element", using="css selector", value=selector)[ELEMENT]
        self.post(f"/element/{element}/value", text=text)

    def log(self, kind):
        return self.post("/se/log", type=kind)

    def close(self):
        with contextlib.suppress(OSError):
            self._call("DELETE", self.session)
        self.process.kill()
        self.process.wait()


def png(width, height):
    """A grey picture with a white square."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + bytes(255 if width // 4 < x < width // 2 and y > height // 3 else 90 for x in range(width))
                    for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class PageTest(ServerTest):
    @classmethod
    def setUpClass(cls):
        driver = driver_or_skip()
        super().setUpClass()
        cls.addClassCleanup(cls.stop_server)
        cls.browser = Browser(driver)
        cls.addClassCleanup(cls.browser.close)

    def open_page(self, width):
        self.browser.post("/window/rect", width=width, height=1000)
        self.browser.post("/url", url=f"http://127.0.0.1:{self.http}/")
        self.eventually(lambda: self.text("state") == "Ready." and "net" in self.text("models"))

    def text(self, identifier):
        return self.browser.script(f"return document.getElementById('{identifier}').textContent")

    def answers(self):
        """Rows of cells."""
        return self.browser.script("return [...document.getElementById('answers').rows]"
                                   ".map(row => [...row.cells].map(cell => cell.textContent))")

    def test_models(self):
        self.open_page(1200)
        cells = self.browser.script("return [...document.getElementById('models').rows[0].cells].map(c => c.textContent)")
        self.assertEqual(cells[:3], ["net", "1×28×28", "20"])
        self.assertIn("exit 20", self.text("charts"))

    def test_a_picture_and_the_deadline(self):
        self.open_page(1200)
        picture = self.dir / "picture.png"
        picture.write_bytes(png(60, 90))
        self.browser.send_keys("#file", str(picture))
        self.eventually(lambda: self.answers() or self.text("problem"))
        self.assertEqual(self.text("no-picture"), "")
        pixels = self.browser.script("return [...pixels()]")
        self.assertEqual(len(pixels), 784)
        self.assertAlmostEqual(pixels[0], 90 / 255, places=5)
        self.assertIn(1, pixels)

        self.browser.send_keys("#deadline", END)  # Ample: the whole plan is executed.
        expected = self.infer({"inputs": [{"name": "image", "datatype": "FP32", "shape": [1, 1, 28, 28],
                                           "data": pixels}]})["parameters"]
        self.eventually(lambda: self.answers() and self.answers()[-1][1] == str(expected["exit"]))
        after, exit, name, confidence = self.answers()[-1]
        self.assertRegex(after, r"^[\d.]+ (µs|ms|s)$")
        self.assertEqual(name, expected["label_name"])
        self.assertEqual(confidence, f"{100 * expected['confidence']:.1f} %")
        exits = [int(row[1]) for row in self.answers()]
        self.assertEqual(exits, sorted(set(exits)))
        self.assertEqual(self.text("problem"), "")
        self.assertEqual([entry["message"] for entry in self.browser.log("browser")
                          if "504 (Gateway Timeout)" not in entry["message"]], [])

        self.browser.send_keys("#deadline", HOME)  # So short that requests are refused or cut off.
        self.eventually(lambda: self.text("problem") or len(self.answers()) < len(exits))

    def test_no_external_requests(self):
        self.browser.log("performance")  # Discards those of earlier tests.
        self.open_page(1200)
        self.browser.script("document.getElementById('run').click()")
        self.eventually(lambda: self.answers() or self.text("problem"))
        sent = [json.loads(entry["message"])["message"] for entry in self.browser.log("performance")]
        addresses = {event["params"]["request"]["url"] for event in sent if event["method"] == "Network.requestWillBeSent"}
        own = f"http://127.0.0.1:{self.http}/"
        self.assertIn(own + "v2/models/net/infer", addresses)
        self.assertEqual({address for address in addresses if not address.startswith(own)}, set())

    def test_the_page_fits_narrow_and_wide_windows(self):
        for width in (400, 1200):
            self.open_page(width)
            inner, needed = self.browser.script("return [innerWidth, document.documentElement.scrollWidth]")
            self.assertLessEqual(needed, inner, width)


if __name__ == "__main__":
    unittest.main()
