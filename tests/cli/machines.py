"""Network namespaces that stand for machines: each has one address, and a switch connects them. Needs root."""
import os
import shutil
import subprocess


def run(*command):
    subprocess.run(command, check=True, capture_output=True)


def can_make_machines():
    if os.geteuid() != 0 or not shutil.which("ip") or not shutil.which("tc"):
        return False
    try:
        Machines(1).close()
    except subprocess.CalledProcessError:
        return False
    return True


class Machines:
    def __init__(self, count):
        self.names = []
        try:
            self._switch = self._add("switch")
            run("ip", "-n", self._switch, "link", "add", "bridge", "type", "bridge")
            run("ip", "-n", self._switch, "link", "set", "bridge", "up")
            self.machines = [self._connect(index) for index in range(count)]
        except subprocess.CalledProcessError:
            self.close()
            raise

    def _add(self, name):
        name = f"einet-{os.getpid()}-{name}"
        run("ip", "netns", "add", name)
        self.names.append(name)
        return name

    def _connect(self, index):
        machine, port = self._add(str(index)), f"port{index}"
        run("ip", "-n", machine, "link", "add", "net", "type", "veth", "peer", "name", port, "netns", self._switch)
        run("ip", "-n", machine, "address", "add", f"{self.address(index)}/24", "dev", "net")
        for device in ("lo", "net"):
            run("ip", "-n", machine, "link", "set", device, "up")
        run("ip", "-n", self._switch, "link", "set", port, "master", "bridge", "up")
        return machine

    @staticmethod
    def address(index):
        return f"10.0.0.{index + 1}"

    def on(self, index):
        """What to write before a command that shall run on this machine."""
        return ["ip", "netns", "exec", self.machines[index]]

    def limit(self, index, rate):
        """Limits what a machine sends, as in "10mbit"."""
        run("tc", "-n", self.machines[index], "qdisc", "replace", "dev", "net", "root", "tbf", "rate", rate, "burst", "32k",
            "latency", "100ms")

    def close(self):
        for name in self.names:
            subprocess.run(["ip", "netns", "delete", name], capture_output=True)
