"""Servers and commands in processes of their own: start, wait, look at the memory, stop.

Knows nothing of what they serve.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 120.0
"""Seconds until a server that does not answer is given up."""
_POLL = 0.005


@dataclass(frozen=True)
class Server:
    """A server that runs.

    Args:
        port: Where on 127.0.0.1.
        pid: Its process.
        began: When it was started, on the clock of time.perf_counter.
    """

    port: int
    pid: int
    began: float

    def wait(self, path: str = "/", status: Sequence[int] = ()) -> float:
        """Ask until an answer comes; seconds since the start.

        Args:
            path: What to ask for.
            status: Answers that count; empty for any.

        Raises:
            TimeoutError: None came.
        """
        while time.perf_counter() - self.began < PATIENCE:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
            try:
                connection.request("GET", path)
                answer = connection.getresponse()
                answer.read()
                if not status or answer.status in status:
                    return time.perf_counter() - self.began
            except (ConnectionError, http.client.HTTPException):
                pass
            finally:
                connection.close()
            time.sleep(_POLL)
        raise TimeoutError(f"Port {self.port} did not answer within {PATIENCE:.0f} s.")

    def wait_port(self) -> None:
        """Wait until somebody listens, without asking anything.

        Raises:
            TimeoutError: Nobody does.
        """
        while time.perf_counter() - self.began < PATIENCE:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(_POLL)
        raise TimeoutError(f"Nobody listened on port {self.port} within {PATIENCE:.0f} s.")

    @property
    def busy(self) -> float:
        """Processor seconds that the process has taken; NaN where the system does not tell."""
        try:
            ticks = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]
        except OSError:
            return float("nan")
        return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")

    @property
    def memory(self) -> float:
        """Resident memory in bytes; NaN where the system does not tell."""
        return _status(self.pid, "VmRSS")


def peak(pid: int) -> float:
    """Most resident memory of a process until now, in bytes; NaN where the system does not tell."""
    return _status(pid, "VmHWM")


def _status(pid: int, name: str) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return float("nan")
    return next((float(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:")), float("nan"))


@contextmanager
def serving(module: str, *arguments: str, port: int = 0, env: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Run ``python -m module arguments`` until left; "{port}" in the arguments becomes the port."""
    port = port or free_port()
    command = [sys.executable, "-m", module, *(each.format(port=port) for each in arguments)]
    with tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, env=environment(env), stdout=said, stderr=subprocess.STDOUT)
        try:
            yield Server(port, process.pid, began)
        except TimeoutError:
            said.seek(0)
            sys.stderr.write(said.read().decode("utf-8", "replace")[-4000:])
            raise
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def tutor(data: Path, env: Mapping[str, str] | None = None) -> Iterator[Server]:
    """The product's server over a data folder."""
    with serving("tutor", "serve", "--port", "{port}", env={"TUTOR_DATA": str(data), **(env or {})}) as server:
        yield server


def timed(*command: str, env: Mapping[str, str] | None = None) -> tuple[float, str]:
    """Run a command with this Python; seconds it took and what it printed."""
    began = time.perf_counter()
    done = subprocess.run([sys.executable, *command], cwd=ROOT, env=environment(env), capture_output=True, text=True)
    taken = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
    return taken, done.stdout


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without the tutor's own settings: what is measured is the default."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TUTOR_", "OPENAI_"))}
    return {**kept, "GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1", **(more or {})}


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
