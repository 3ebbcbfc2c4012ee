"""The API: products, orders and how the shop is doing, in JSON."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from flask import Flask, jsonify, request

from shop import database, jobs, settings

if TYPE_CHECKING:
    from flask import Response

MAX_ROWS = 200
MAX_QUANTITY = 99
MAX_TEXT = 120

COUNTS = """
select (select count(*) from products) as products,
       (select count(*) from customers) as customers,
       count(*) as orders,
       coalesce(sum(total_cents), 0)::bigint as taken_cents
from orders where not rehearsal
"""
ORDERS = """
select o.token, c.name as customer, p.name as product, o.quantity, o.total_cents, o.status, o.placed_at
from orders o join customers c on c.id = o.customer_id join products p on p.id = o.product_id
"""
PRODUCTS = "select id, name, origin, notes, price_cents, grams, picture from products"

settings.configure_logging()
app = Flask(__name__)
place = settings.place()
cache = jobs.client()


@app.after_request
def tell_host(response: Response) -> Response:
    """Name the replica that answered."""
    response.headers["X-Shop-Host"] = place.host
    return response


@app.errorhandler(database.UnavailableError)
def database_missing(error: Exception) -> tuple[Response, int]:
    """Answer 503 when the database cannot be reached."""
    return jsonify(error="the database cannot be reached", detail=str(error)), 503


@app.errorhandler(jobs.UnavailableError)
def cache_missing(error: Exception) -> tuple[Response, int]:
    """Answer 503 when Redis cannot be reached."""
    return jsonify(error="the cache cannot be reached", detail=str(error)), 503


@app.get("/healthz")
def healthz() -> tuple[Response, int]:
    """Check what the API cannot work without."""
    found = {"db": "ok", "cache": "ok"}
    try:
        database.rows("select 1 from orders limit 1")
    except Exception as error:
        found["db"] = _first_line(error)
    try:
        cache.ping()
    except jobs.UnavailableError as error:
        found["cache"] = _first_line(error)
    healthy = all(state == "ok" for state in found.values())
    return jsonify(status="ok" if healthy else "failing", host=place.host, **found), 200 if healthy else 503


@app.get("/overview")
def overview() -> Response:
    """Everything the front page shows, in one answer."""
    featured = [int(product) for product in cache.lrange(jobs.FEATURED, 0, MAX_ROWS) if product.isdigit()]
    shelf = database.rows(
        f"{PRODUCTS} order by array_position(%s::bigint[], id), id limit %s",
        (featured, _limit("shelf", 8)),
    )
    recent = database.rows(
        f"{ORDERS} where not o.rehearsal order by o.placed_at desc, o.id desc limit %s",
        (_limit("orders", 10),),
    )
    told = {row["name"]: row["value"] for row in database.rows("select name, value from settings")}
    return jsonify(
        counts=database.rows(COUNTS)[0],
        shelf=[product | {"featured": product["id"] in featured} for product in shelf],
        orders=[_order(row) for row in recent],
        announcement=told.get("announcement", ""),
        worker=jobs.heartbeat(cache),
        queued=cache.llen(jobs.QUEUE),
        host=place.host,
    )


@app.get("/products")
def products() -> Response:
    """List products by number."""
    return jsonify(products=database.rows(f"{PRODUCTS} order by id limit %s", (_limit("limit", 50),)))


@app.get("/orders")
def orders() -> Response:
    """List the latest orders."""
    found = database.rows(
        f"{ORDERS} where not o.rehearsal order by o.placed_at desc, o.id desc limit %s",
        (_limit("limit", 50),),
    )
    return jsonify(orders=[_order(row) for row in found])


@app.get("/orders/<token>")
def order(token: str) -> tuple[Response, int]:
    """One order: 200 when the worker wrote it, 202 while it is queued, 409 when it could not be written, else 404."""
    found = database.rows(f"{ORDERS} where o.token = %s", (token,))
    if found:
        return jsonify(_order(found[0])), 200
    state = jobs.state(cache, token)
    if state is None:
        return jsonify(error="no such order"), 404
    if state == jobs.REFUSED:
        return jsonify(token=token, status=state), 409
    return jsonify(token=token, status=jobs.QUEUED), 202


@app.post("/orders")
def place_order() -> tuple[Response, int]:
    """Queue an order; the worker writes it. 422 names the field that is wrong."""
    told = request.get_json(silent=True)
    if not isinstance(told, dict):
        return jsonify(error="a JSON object is expected"), 400
    wrong = _wrong_field(told)
    if wrong is None and not database.rows("select 1 from products where id = %s", (told["product_id"],)):
        wrong = "product_id"
    if wrong is not None:
        return jsonify(error=f"{wrong} is missing or not valid", field=wrong), 422
    token = secrets.token_hex(6)
    fields = ("customer", "email", "product_id", "quantity")
    rehearsal = told.get("rehearsal") is True
    jobs.put(cache, {"token": token, "rehearsal": rehearsal} | {field: told[field] for field in fields})
    return jsonify(token=token, status="queued"), 202


@app.delete("/orders/<token>")
def forget_rehearsal(token: str) -> tuple[Response, int]:
    """Remove what a check ordered, its customer included; real orders are never removed."""

    def work(cursor: Any) -> bool:
        cursor.execute("delete from orders where token = %s and rehearsal returning customer_id", (token,))
        gone = cursor.fetchone()
        if gone is None:
            return False
        cursor.execute(
            "delete from customers c where id = %s and not exists (select from orders where customer_id = c.id)",
            (gone["customer_id"],),
        )
        return True

    called_off = jobs.call_off(cache, token)
    if database.run(work) or called_off:
        return jsonify(token=token), 200
    return jsonify(error="no such rehearsal"), 404


def _order(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"placed_at": row["placed_at"].isoformat()}


def _wrong_field(told: dict[str, Any]) -> str | None:
    for field in ("customer", "email"):
        value = told.get(field)
        if not isinstance(value, str) or not 0 < len(value.strip()) <= MAX_TEXT:
            return field
    if "@" not in told["email"]:
        return "email"
    for field, highest in (("product_id", 2**62), ("quantity", MAX_QUANTITY)):
        value = told.get(field)
        if type(value) is not int or not 1 <= value <= highest:
            return field
    return None


def _limit(name: str, otherwise: int) -> int:
    return max(1, min(request.args.get(name, otherwise, type=int), MAX_ROWS))


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
