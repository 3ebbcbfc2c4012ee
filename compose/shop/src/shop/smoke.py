"""The smoke check: does this shop sell tea? Exit 0 when it does, 1 with the reason when it does not.

It walks the way of a customer: reads the front page, sends its form, and waits until the worker has written the order.
The order is a rehearsal, counted nowhere and removed at the end, so the check may run in production.
"""

from __future__ import annotations

import http.client
import json
import re
import sys
import time
import urllib.parse
from dataclasses import dataclass, field

from shop import settings

TIMEOUT = 5.0  # seconds for one answer
PATIENCE = 15.0  # seconds for the worker to write the order
FORM_KEY = re.compile(r'name="form_key" value="([0-9a-f]+)"')
PRODUCT = re.compile(r'<option value="(\d+)"')
ORDER_PAGE = re.compile(r"/orders/([0-9a-f]{12})$")


class SmokeError(Exception):
    """The site does not do what it must."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass(slots=True, kw_only=True)
class Visitor:
    """Talks to one server and keeps its cookie, as a browser would."""

    server: tuple[str, int]
    cookie: str = field(default="", init=False)

    def send(self, method: str, path: str, form: dict[str, str] | None = None) -> Answer:
        """Ask and return the answer, redirects not followed. Raises SmokeError when there is none."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"} | ({"Cookie": self.cookie} if self.cookie else {})
        connection = http.client.HTTPConnection(*self.server, timeout=TIMEOUT)
        try:
            connection.request(method, path, urllib.parse.urlencode(form) if form else None, headers)
            raw = connection.getresponse()
            answer = Answer(status=raw.status, headers=dict(raw.getheaders()), body=raw.read().decode())
        except (OSError, http.client.HTTPException) as error:
            message = f"{method} http://{self.server[0]}:{self.server[1]}{path}: {error}"
            raise SmokeError(message) from error
        finally:
            connection.close()
        self.cookie = answer.headers.get("Set-Cookie", self.cookie).partition(";")[0]
        return answer

    def expect(self, status: int, method: str, path: str, form: dict[str, str] | None = None) -> Answer:
        """Ask, and insist on a status."""
        answer = self.send(method, path, form)
        if answer.status != status:
            message = f"{method} {path} answered {answer.status}, not {status}: {answer.body[:200]}"
            raise SmokeError(message)
        return answer


def walk(web: Visitor, api: Visitor) -> list[str]:
    """Go the customer's way and return what held. Raises SmokeError at the first thing that does not."""
    web.expect(200, "GET", "/healthz")
    page = web.expect(200, "GET", "/").body
    place = settings.place()
    _insist(f'data-tier="{place.tier}"' in page, f"the front page does not say that its tier is {place.tier}")
    products = json.loads(api.expect(200, "GET", "/products?limit=1").body)["products"]
    held = ["web, API, database and cache are well", f"the front page is that of {place.environment} ({place.tier})"]
    if not products:
        return [*held, "the shelves are empty: nothing to order"]
    token = _order(web, page)
    try:
        _wait_for(api, token)
    finally:
        api.send("DELETE", f"/orders/{token}")
    return [*held, f"order {token} went through form, API, queue and worker into the database"]


def main() -> int:
    """Run the check against the addresses in the environment."""
    web = Visitor(server=settings.address("WEB_ADDRESS", "web:8000"))
    api = Visitor(server=settings.address("API_ADDRESS", "api:8001"))
    try:
        held = walk(web, api)
    except SmokeError as error:
        sys.stderr.write(f"FAILED  {error}\n")
        return 1
    sys.stdout.writelines(f"ok  {line}\n" for line in held)
    return 0


def _order(web: Visitor, page: str) -> str:
    key, product = FORM_KEY.search(page), PRODUCT.search(page)
    if key is None or product is None:
        message = "the front page has no order form"
        raise SmokeError(message)
    form = {
        "form_key": key.group(1),
        "product_id": product.group(1),
        "quantity": "1",
        "customer": "Smoke Check",
        "email": f"smoke-{time.time_ns()}@example.test",
        "rehearsal": "yes",
    }
    target = web.expect(303, "POST", "/orders", form).headers.get("Location", "")
    found = ORDER_PAGE.search(target)
    if found is None:
        message = f"the form led to {target!r}, not to an order"
        raise SmokeError(message)
    return found.group(1)


def _wait_for(api: Visitor, token: str) -> None:
    until = time.monotonic() + PATIENCE
    while api.send("GET", f"/orders/{token}").status != http.HTTPStatus.OK:
        _insist(time.monotonic() < until, f"the worker did not write order {token} within {PATIENCE:.0f} s")
        time.sleep(0.05)


def _insist(holds: bool, message: str) -> None:
    if not holds:
        raise SmokeError(message)


if __name__ == "__main__":
    sys.exit(main())
