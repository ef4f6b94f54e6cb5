"""A server that is in no hurry, over plain HTTP or TLS.

A test fixture only.
"""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Dripping(str):
    """Its address.

    Args:
        asked: Set once it was asked for something.
    """

    asked: threading.Event


@contextmanager
def dripping(head: bytes, answer: bytes, certificate: Path | None = None) -> Iterator["Dripping"]:
    """A server that sends one byte of its answer after the other."""
    ended, asked = threading.Event(), threading.Event()

    def serve() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            place.append(listening.getsockname()[1])
            ready.set()
            plain, _ = listening.accept()
            with plain if certificate is None else over_tls(plain, certificate) as connection:
                connection.recv(65536)
                asked.set()
                connection.sendall(head)
                try:
                    for n in range(len(answer)):
                        connection.send(answer[n : n + 1])
                        if ended.wait(0.05):
                            return
                except OSError:
                    return

    place: list[int] = []
    ready = threading.Event()
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    assert ready.wait(10)
    found = Dripping(f"http://127.0.0.1:{place[0]}/" if certificate is None else f"https://localhost:{place[0]}/")
    found.asked = asked
    yield found
    ended.set()
    thread.join(10)


def over_tls(plain: socket.socket, certificate: Path) -> ssl.SSLSocket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("privkey.pem"))
    return context.wrap_socket(plain, server_side=True)
