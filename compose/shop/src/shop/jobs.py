"""Redis: the queue between api and worker, the worker's heartbeat, and what is featured today."""

from __future__ import annotations

import json
import time
from typing import Any

import redis

from shop import settings

QUEUE = "orders:queue"
WORKING = "orders:working"
PENDING = "orders:pending:"
HEARTBEAT = "worker:heartbeat"
FEATURED = "featured"
PENDING_SECONDS = 3600
FAILED = "orders:failed"

QUEUED, REHEARSAL, REFUSED = "queued", "rehearsal", "refused"

UnavailableError = redis.RedisError


def client(timeout: float = 2.0) -> Any:
    """Make a client; it connects when first used. `timeout` in seconds."""
    return redis.Redis(
        host=settings.variable("REDIS_HOST", "cache"),
        decode_responses=True,
        socket_timeout=timeout,
        socket_connect_timeout=1.0,
    )


def put(cache: Any, order: dict[str, Any]) -> None:
    """Queue an order for the worker and remember that it is on its way."""
    with cache.pipeline(transaction=True) as pipe:
        pipe.set(PENDING + order["token"], REHEARSAL if order["rehearsal"] else QUEUED, ex=PENDING_SECONDS)
        pipe.lpush(QUEUE, json.dumps(order))
        pipe.execute()


def take(cache: Any, seconds: float) -> str | None:
    """Move the oldest job to the working list and return it; None when none came in time."""
    return cache.blmove(QUEUE, WORKING, seconds, src="RIGHT", dest="LEFT")


def done(cache: Any, job: str, token: str) -> None:
    """Forget a finished job."""
    with cache.pipeline(transaction=True) as pipe:
        pipe.lrem(WORKING, 1, job)
        pipe.delete(PENDING + token)
        pipe.execute()


def refuse(cache: Any, job: str, token: str) -> None:
    """Set a job aside that cannot be done, and remember that for who asks."""
    with cache.pipeline(transaction=True) as pipe:
        pipe.lrem(WORKING, 1, job)
        pipe.lpush(FAILED, job)
        pipe.set(PENDING + token, REFUSED, ex=PENDING_SECONDS)
        pipe.execute()


def state(cache: Any, token: str) -> str | None:
    """Tell what is known of an order that is not written: QUEUED, REHEARSAL or REFUSED; None when it is unknown."""
    return cache.get(PENDING + token)


def call_off(cache: Any, token: str) -> bool:
    """Call off a rehearsal that still waits; the worker then drops it. Tells whether there was one."""
    return state(cache, token) == REHEARSAL and bool(cache.delete(PENDING + token))


def recover(cache: Any) -> int:
    """Queue again what a worker that died left behind; the worker writes each token once, so twice does no harm."""
    moved = 0
    while cache.lmove(WORKING, QUEUE, "RIGHT", "RIGHT"):
        moved += 1
    return moved


def beat(cache: Any, host: str) -> None:
    """Tell that the worker on this host lives."""
    cache.set(HEARTBEAT, json.dumps({"host": host, "at": time.time()}))


def heartbeat(cache: Any) -> dict[str, Any] | None:
    """Return the last heartbeat with its age in seconds; None when there was never one."""
    told = cache.get(HEARTBEAT)
    if told is None:
        return None
    beat_ = json.loads(told)
    return {"host": beat_["host"], "seconds_ago": max(0, round(time.time() - beat_["at"]))}
