"""What speaks behind a published port: said by the file, known by its number, or else HTTP."""

from __future__ import annotations

from typing import Final, Literal

__all__ = ["DEBUG_PORTS", "Protocol", "guess_protocol", "image_name"]

Protocol = Literal["http", "https", "tcp", "postgres", "udp"]

DEBUG_PORTS: Final = frozenset({2345, 5005, 5678, 9229, 9230})
"""Debuggers of Go, Java, Python and Node: published by many projects, served only while somebody debugs."""

_ALWAYS_DEBUG: Final = DEBUG_PORTS - {5678}
"""5678 is also where n8n serves its pages: a debugger's port only beside another one."""
_POSTGRES: Final = frozenset({5432})
_TLS: Final = frozenset({443, 8443, 9443})
_TCP: Final = frozenset(
    {
        *(21, 22, 23, 25, 53, 88, 110, 111, 143, 389, 445, 465, 514, 587, 636, 873, 993, 995),
        *(1025, 1433, 1521, 1883, 2049, 2181, 2375, 2376, 2379, 2380, 2888, 3306, 3307, 3389, 3888),
        *(4190, 4222, 4317, 4369, 5044, 5222, 5433, 5434, 5671, 5672, 5900, 6222, 6379, 6380, 6432, 6543, 6650, 7000, 7001, 7687),
        *(8883, 9042, 9092, 9093, 9094, 9160, 9300, 10001, 11211, 11311, 15432, 16379, 19092),
        *(25565, 25672, 26257, 26379, 27017, 27018, 27019, 28015, 29015, 29092, 33060, 50000, 50051, 61613, 61616),
    }
)
"""Databases, brokers, mail, name and remote services: registered or their usual ports."""
_SAID: Final[dict[str, Protocol]] = {
    "http": "http",
    "http2": "http",
    "h2c": "http",
    "ws": "http",
    "https": "https",
    "wss": "https",
    "postgres": "postgres",
    "postgresql": "postgres",
}
_TCP_BY_IMAGE: Final = {
    "clickhouse-server": frozenset({9000, 9009}),
    "clickhouse": frozenset({9000, 9009}),
    "php": frozenset({9000}),
    "php-fpm": frozenset({9000}),
}


def guess_protocol(port: int, *, transport: str, said: str | None, image: str, alone: bool) -> Protocol:
    """Protocol of one published port; ``said`` is ``app_protocol``, ``alone`` whether the service has no other port.

    A wrong guess is visible in the plan and mended by one line of ``expose``.
    """
    if transport == "udp":
        return "udp"
    if said:
        return _SAID.get(said.lower(), "tcp")
    if port in _POSTGRES:
        return "postgres"
    if port in _TCP or port in _ALWAYS_DEBUG or port in _TCP_BY_IMAGE.get(image_name(image), ()):
        return "tcp"
    if port in DEBUG_PORTS and not alone:
        return "tcp"
    return "https" if port in _TLS else "http"


def image_name(reference: str) -> str:
    """Last part of an image reference without tag and digest: ``docker.io/library/redis:7`` is ``redis``."""
    return reference.partition("@")[0].rpartition("/")[2].partition(":")[0]
