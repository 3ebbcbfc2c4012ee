"""The worker: takes orders from the queue, writes them to the database and a receipt to the uploads volume."""

from __future__ import annotations

import json
import logging
import signal
import threading
from typing import TYPE_CHECKING, Any

from shop import database, jobs, settings

if TYPE_CHECKING:
    from types import FrameType

WAIT = 5.0  # seconds for one look at the queue, and so between heartbeats
RETRY = 1.0  # seconds until the database or the cache is tried again

logger = logging.getLogger("worker")


class RefusedError(Exception):
    """An order that can never be written."""


class Worker:
    """One loop over the queue; a signal ends it at once when idle, after the order in hand otherwise."""

    def __init__(self) -> None:
        """Read the configuration; connects to nothing yet."""
        self._cache = jobs.client(timeout=WAIT + 5)
        self._config = settings.config()
        self._host = settings.place().host
        self._stopping = threading.Event()
        self._busy = False

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        """End: now, or after the order in hand."""
        self._stopping.set()
        if not self._busy:
            raise SystemExit(0)

    def run(self) -> None:
        """Work until stopped; outages of database and cache are waited out."""
        recovered = False
        while not self._stopping.is_set():
            try:
                if not recovered:
                    jobs.recover(self._cache)
                    recovered = True
                self._turn()
            except (jobs.UnavailableError, database.UnavailableError) as error:
                logger.warning("waiting: %s", error)
                self._busy = recovered = False
                self._stopping.wait(RETRY)

    def _turn(self) -> None:
        jobs.beat(self._cache, self._host)
        settings.HEARTBEAT_FILE.touch()
        job = jobs.take(self._cache, WAIT)
        if job is None:
            return
        self._busy = True
        self._do(job)
        self._busy = False

    def _do(self, job: str) -> None:
        order = json.loads(job)
        token = order["token"]
        if order["rehearsal"] and jobs.state(self._cache, token) is None:
            jobs.done(self._cache, job, token)
            return
        try:
            total = database.run(lambda cursor: _write(cursor, order))
            self._write_receipt(order, total)
        except database.UnavailableError:
            raise
        except Exception:
            logger.exception("order %s cannot be written", token)
            jobs.refuse(self._cache, job, token)
        else:
            jobs.done(self._cache, job, token)
            logger.info("order %s written", token)

    def _write_receipt(self, order: dict[str, Any], total: dict[str, Any]) -> None:
        if order["rehearsal"]:
            return
        lines = [
            self._config.name,
            f"Receipt {order['token']}",
            "",
            f"{order['quantity']} x {total['product']}",
            f"Total {self._config.money(total['total_cents'])}",
            "",
            f"Thank you, {order['customer']}.",
            f"Written by worker {self._host}",
        ]
        target = settings.UPLOADS / "receipts" / f"{order['token']}.txt"
        target.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write(cursor: Any, order: dict[str, Any]) -> dict[str, Any]:
    cursor.execute(
        "insert into customers (name, email) values (%(customer)s, %(email)s)"
        " on conflict (email) do update set name = excluded.name returning id",
        order,
    )
    customer = cursor.fetchone()["id"]
    cursor.execute(
        "insert into orders (token, customer_id, product_id, quantity, total_cents, rehearsal)"
        " select %(token)s, %(customer_id)s, id, %(quantity)s, price_cents * %(quantity)s, %(rehearsal)s"
        " from products where id = %(product_id)s on conflict (token) do nothing",
        order | {"customer_id": customer},
    )
    cursor.execute(
        "select o.total_cents, p.name as product from orders o join products p on p.id = o.product_id where o.token = %(token)s",
        order,
    )
    written = cursor.fetchone()
    if written is None:
        message = f"there is no product {order['product_id']}"
        raise RefusedError(message)
    return dict(written)


def main() -> None:
    """Run the worker as this process."""
    settings.configure_logging()
    worker = Worker()
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, worker.stop)
    worker.run()


if __name__ == "__main__":
    main()
