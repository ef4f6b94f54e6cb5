"""Debian's nginx on loopback with the very file that docs/operate.md tells operators to use. A test fixture only."""

import datetime
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

CONFIGURATION = Path(__file__).resolve().parents[2] / "docs" / "nginx.conf"
PROGRAM = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or ""
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@dataclass(frozen=True)
class Nginx:
    """The running proxy."""

    address: str
    certificate: Path
    log: Path


def needs_nginx() -> None:
    """Skip loudly where nginx is not installed; in CI that is a failure."""
    if not PROGRAM:
        pytest.skip("nginx is missing: apt-get install nginx-light")


@contextmanager
def proxying(folder: Path, upstream: str) -> Iterator[Nginx]:
    """Run nginx in front of a server.

    Args:
        folder: An empty folder for its files.
        upstream: Address of the tutor, as http://127.0.0.1:PORT.
    """
    port = _free_port()
    certificate = self_signed(folder)
    (folder / "nginx.conf").write_text(_main(folder, _ours(folder, upstream, port)), encoding="utf-8")
    command = [PROGRAM, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, timeout=30)
    assert checked.returncode == 0, checked.stderr
    process = subprocess.Popen(command)
    try:
        _wait(process, port)
        yield Nginx(f"https://localhost:{port}", certificate, folder / "tutor.log")
    finally:
        process.terminate()
        process.wait(30)


def _ours(folder: Path, upstream: str, port: int) -> str:
    """The documented file with this machine's paths and ports put in, each of which must be there."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    for old, new in {
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "server_name tutor.example;": "server_name localhost;",
        "/etc/ssl/tutor/fullchain.pem": str(folder / "fullchain.pem"),
        "/etc/ssl/tutor/privkey.pem": str(folder / "privkey.pem"),
        "/var/log/nginx/tutor.log": str(folder / "tutor.log"),
        "proxy_pass http://127.0.0.1:7860/;": f"proxy_pass {upstream}/;",
    }.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    assert not re.search(r"/etc/|/var/", re.sub(r"#.*", "", text))
    return text


def _main(folder: Path, ours: str) -> str:
    temporary = "\n".join(f"{name}_temp_path {folder / name};" for name in TEMPORARY)
    return f"daemon off; master_process off; pid {folder / 'pid'};\nevents {{}}\nhttp {{\n{temporary}\n{ours}\n}}\n"


def self_signed(folder: Path) -> Path:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "privkey.pem").write_bytes(key.private_bytes(encoding, form, serialization.NoEncryption()))
    return folder / "fullchain.pem"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            threading.Event().wait(0.05)
    raise AssertionError("nginx did not start")
