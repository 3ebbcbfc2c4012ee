"""The shop that people see. It keeps nothing itself: the API answers for data, the uploads volume for pictures."""

from __future__ import annotations

import hmac
import http.client
import json
import re
import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Flask, jsonify, make_response, redirect, render_template, request, send_from_directory, session, url_for
from werkzeug.middleware.proxy_fix import ProxyFix

from shop import settings

if TYPE_CHECKING:
    from flask import Response
    from werkzeug.wrappers import Response as BaseResponse

API_TIMEOUT = 5.0  # seconds
TOKEN = re.compile(r"[0-9a-f]{12}")

settings.configure_logging()
app = Flask(__name__)
app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1, x_port=1)  # type: ignore[method-assign]
app.config.from_prefixed_env()
app.secret_key = settings.secret("session_key")
app.config.update(SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_NAME="shop")
app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
place = settings.place()
config = settings.config()


class ApiError(Exception):
    """The API did not answer, or answered that it cannot work."""


@app.context_processor
def everywhere() -> dict[str, Any]:
    """What each template knows."""
    return {"place": place, "config": config, "money": config.money}


@app.template_filter("day")
def day(text: str) -> str:
    """Write a time of the API's as people do."""
    return datetime.fromisoformat(text).strftime("%-d %b %Y, %H:%M")


@app.after_request
def tell_place(response: Response) -> Response:
    """Name the replica and tier that answered, and let nothing be kept that changes."""
    response.headers["X-Shop-Host"] = place.host
    response.headers["X-Shop-Tier"] = place.tier
    response.headers.setdefault("Cache-Control", "no-store")
    return response


@app.errorhandler(ApiError)
def closed(error: Exception) -> tuple[str, int]:
    """Say what is missing, on a page of the shop's own."""
    return render_template("closed.html", problem=str(error)), 503


@app.get("/")
def front() -> str:
    """The front page."""
    return _front_page(wrong="", typed={})


@app.get("/about.json")
def about() -> Response:
    """What the front page says about itself, for programs."""
    told = _overview()
    return jsonify(
        tier=place.tier,
        environment=place.environment,
        project=place.project,
        url=place.url,
        release=place.release,
        data_class=place.data_class,
        data_profile=place.data_profile,
        host=place.host,
        api_host=told["host"],
        counts=told["counts"],
        worker=told["worker"],
    )


@app.post("/orders")
def place_order() -> BaseResponse:
    """Hand the form to the API and go to the order's page."""
    typed = request.form
    if not hmac.compare_digest(typed.get("form_key", ""), session.get("form_key", secrets.token_hex())):
        return make_response(_front_page("This form was too old. Please send it once more.", typed), 400)
    status, told = _api(
        "POST",
        "/orders",
        {
            "customer": typed.get("customer", "").strip(),
            "email": typed.get("email", "").strip(),
            "product_id": typed.get("product_id", 0, type=int),
            "quantity": typed.get("quantity", 0, type=int),
            "rehearsal": typed.get("rehearsal") == "yes",
        },
    )
    if status != http.HTTPStatus.ACCEPTED:
        return make_response(_front_page(f"The order was not taken: {told.get('error', status)}.", typed), 422)
    return redirect(url_for("order", token=told["token"]), code=303)


@app.get("/orders/<token>")
def order(token: str) -> tuple[str, int]:
    """One order, from queued to confirmed, with the receipt that the worker wrote."""
    if not TOKEN.fullmatch(token):
        return render_template("order.html", order=None), 404
    status, told = _api("GET", f"/orders/{token}")
    if status == http.HTTPStatus.NOT_FOUND:
        return render_template("order.html", order=None), 404
    receipt = settings.UPLOADS / "receipts" / f"{token}.txt"
    text = receipt.read_text(encoding="utf-8") if receipt.is_file() else ""
    return render_template("order.html", order=told, receipt=text), 200


@app.get("/pictures/<name>")
def picture(name: str) -> Response:
    """A product's picture, from the uploads volume."""
    response = send_from_directory(settings.UPLOADS / "pictures", name)
    response.headers["Cache-Control"] = "max-age=60"
    return response


@app.get("/livez")
def livez() -> tuple[str, int]:
    """Tell that this process serves pages; it does so even while the API is away."""
    return "ok\n", 200


@app.get("/healthz")
def healthz() -> tuple[Response, int]:
    """Tell whether a customer could order now: web, API, database and cache."""
    try:
        status, told = _api("GET", "/healthz")
    except ApiError as error:
        return jsonify(status="failing", host=place.host, api=str(error)), 503
    return jsonify(told | {"host": place.host, "api": told["host"]}), status


def _front_page(wrong: str, typed: dict[str, str]) -> str:
    session.setdefault("form_key", secrets.token_hex(16))
    return render_template("front.html", shop=_overview(), wrong=wrong, typed=typed, form_key=session["form_key"])


def _overview() -> dict[str, Any]:
    return _api("GET", f"/overview?shelf={config.shelf}&orders={config.recent_orders}")[1]


def _api(method: str, path: str, payload: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
    """Ask the API; returns status and JSON. Raises ApiError when it is away or, but for its health, failing."""
    host, port = settings.address("API_ADDRESS", "api:8001")
    connection = http.client.HTTPConnection(host, port, timeout=API_TIMEOUT)
    try:
        body = None if payload is None else json.dumps(payload)
        connection.request(method, path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        told = json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        message = "the API cannot be reached"
        raise ApiError(message) from error
    finally:
        connection.close()
    if answer.status >= http.HTTPStatus.INTERNAL_SERVER_ERROR and path != "/healthz":
        raise ApiError(told.get("error", "the API failed"))
    return answer.status, told
