"""Clients that ask one address over kept connections, each again as soon as it is answered.

One process drives them all, with sockets and a selector: a client that costs more than the server would
measure itself.
"""

import selectors
import socket
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import urlsplit

AT_MOST = 200_000  # answers a run: an upper bound whatever the speed
PATIENCE = 30  # seconds for one answer


class WrongAnswer(Exception):
    """The server answered something other than 200 or 201: what was measured would mean nothing."""


@dataclass(frozen=True)
class Ask:
    """One request, sent over and over."""

    path: str
    headers: tuple[tuple[str, str], ...] = ()

    def text(self, host: str, number: int) -> bytes:
        """The request as it goes over the wire; `number` counts the requests of this run."""
        lines = [f"GET {self.path} HTTP/1.1", f"Host: {host}", "Accept: */*"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


@dataclass(frozen=True)
class Write(Ask):
    """A write, each with an Idempotency-Key of its own; the bodies take turns."""

    bodies: tuple[bytes, ...] = ()
    run: str = field(default_factory=lambda: uuid.uuid4().hex)

    def text(self, host: str, number: int) -> bytes:
        body = self.bodies[number % len(self.bodies)]
        lines = [
            f"POST {self.path} HTTP/1.1", f"Host: {host}", "Accept: */*", "Content-Type: application/json",
            f"Content-Length: {len(body)}", f"Idempotency-Key: {self.run}-{number}-{time.perf_counter_ns()}",
        ]  # fmt: skip
        lines += [f"{name}: {value}" for name, value in self.headers]
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


@dataclass
class Answers:
    """How many answers came, in how many seconds, and how long each took."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.latencies)

    @property
    def rate(self) -> float:
        return self.count / self.seconds if self.seconds else 0.0

    def percentile_ms(self, share: float) -> float:
        """The latency that `share` of the answers stayed within, in milliseconds."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


class _Client:
    """One connection with one request under way."""

    def __init__(self, address: tuple[str, int], request: Callable[[], bytes]) -> None:
        self.request = request
        self.link = socket.create_connection(address, timeout=10)
        self.link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.got = bytearray()
        self.asked_at = 0.0

    def ask(self) -> None:
        self.got.clear()
        self.asked_at = time.perf_counter()
        self.link.sendall(self.request())

    def hear(self) -> bool:
        """Take in what has arrived. True when the answer is whole."""
        part = self.link.recv(262_144)
        if not part:
            raise WrongAnswer("the server closed a connection in the middle of an answer")
        self.got += part
        head, end, body = self.got.partition(b"\r\n\r\n")
        return bool(end) and len(body) >= _length(bytes(head))


def _length(head: bytes) -> int:
    status, *lines = head.split(b"\r\n")
    if status.split(b" ")[1] not in (b"200", b"201"):
        raise WrongAnswer(head.decode("latin-1"))
    for line in lines:
        name, _colon, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise WrongAnswer("an answer without a length")


def press(base: str, ask: Ask, *, clients: int, seconds: float) -> Answers:
    """Let `clients` ask for `seconds`. Raises WrongAnswer."""
    parts = urlsplit(base)
    assert parts.hostname is not None
    assert parts.port is not None
    numbers = count()

    def request() -> bytes:
        return ask.text(parts.netloc, next(numbers))

    answers = Answers()
    everyone = [_Client((parts.hostname, parts.port), request) for _number in range(clients)]
    with selectors.DefaultSelector() as ready:
        for client in everyone:
            ready.register(client.link, selectors.EVENT_READ, client)
        began = now = time.perf_counter()
        for client in everyone:
            client.ask()
        under_way = clients
        # Who has asked is heard out: unfinished answers would cost time and count for nothing.
        while under_way:
            events = ready.select(timeout=PATIENCE)
            if not events:
                raise WrongAnswer(f"no answer for {PATIENCE} seconds")
            now = time.perf_counter()
            for key, _mask in events:
                if not key.data.hear():
                    continue
                answers.latencies.append(now - key.data.asked_at)
                if now - began < seconds and answers.count < AT_MOST:
                    key.data.ask()
                else:
                    under_way -= 1
    answers.seconds = now - began
    for client in everyone:
        client.link.close()
    return answers
