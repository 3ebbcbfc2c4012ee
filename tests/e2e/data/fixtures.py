"""A project with one service for each data engine, and files to load into it."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Final

import zstandard

from tests.e2e.scenario import Installation

__all__ = ["COMPOSE", "ROWS", "mariadb", "postgres", "redis", "write"]

ROWS: Final = 3000
COMPOSE: Final = """
name: filled
services:
  db:
    image: postgres:16
    environment: {POSTGRES_PASSWORD: opensesame, POSTGRES_DB: shop}
    volumes: ["rows:/var/lib/postgresql/data"]
    healthcheck: {test: ["CMD", "pg_isready", "-U", "postgres", "-h", "127.0.0.1"], interval: 10s, start_period: 30s}
  other:
    image: mariadb:11
    environment: {MARIADB_ROOT_PASSWORD: opensesame, MARIADB_DATABASE: shop}
    volumes: ["tables:/var/lib/mysql"]
  cache:
    image: redis:7
    volumes: ["keys:/data"]
    command: ["redis-server", "--appendonly", "yes"]
  web:
    image: nginx:1.27
    ports: ["80"]
    volumes: ["pages:/usr/share/nginx/html"]
    depends_on: {db: {condition: service_healthy}}
volumes: {rows: {}, tables: {}, keys: {}, pages: {}}
"""
PROFILE = """
profile: everything
classification: synthetic
services:
  db:
    files: [fixtures/schema.sql, fixtures/people.csv, fixtures/orders.csv.gz, fixtures/more.sql.zst]
    verify: ["select count(*) = 3000 from people", "select count(*) = 3000 from orders", "select count(*) = 2 from more"]
  other:
    files: [fixtures/tables.sql.gz, fixtures/items.csv]
    verify: ["select count(*) = 3000 from items"]
  cache:
    files: [fixtures/keys.redis]
    verify: ["GET greeting"]
volumes:
  pages: {files: fixtures/pages/}
"""


def write(directory: Path) -> None:
    """Write Compose file, profile and fixtures."""
    (directory / "compose.yaml").write_text(COMPOSE)
    fixtures = directory / "fixtures"
    (fixtures / "pages" / "deep").mkdir(parents=True)
    (directory / "profiles" / "data").mkdir(parents=True)
    (directory / "profiles" / "data" / "everything.yaml").write_text(PROFILE)
    tables = "create table people (id int primary key, name text, note text);\ncreate table orders (id int, total numeric);\n"
    (fixtures / "schema.sql").write_text(tables + "create table more (id int);\n")
    people = "".join(f'{n},"Ann, {n}","says ""hello"" {n}"\n' for n in range(ROWS))
    (fixtures / "people.csv").write_text(f"id,name,note\n{people}")
    (fixtures / "orders.csv.gz").write_bytes(gzip.compress(("id,total\n" + "".join(f"{n},1.5\n" for n in range(ROWS))).encode()))
    (fixtures / "more.sql.zst").write_bytes(zstandard.compress(b"insert into more values (1);\ninsert into more values (2);\n"))
    (fixtures / "tables.sql.gz").write_bytes(gzip.compress(b"create table items (id int primary key, name varchar(40));\n"))
    (fixtures / "items.csv").write_text("id,name\n" + "".join(f'{n},"item, {n} \N{SNOWMAN}"\n' for n in range(ROWS)))
    (fixtures / "keys.redis").write_text('# greetings\nSET greeting "hello there"\nRPUSH list a b c\n')
    (fixtures / "pages" / "index.html").write_text("loaded page")
    (fixtures / "pages" / "deep" / "page.html").write_text("deep page")


def postgres(own: Installation, cwd: Path, statement: str, environment: str = "development") -> str:
    words = ("exec", environment, "db", "--", "psql", "-U", "postgres", "-d", "shop", "-Atc", statement)
    return own.must(*words, cwd=cwd).stdout.strip()


def mariadb(own: Installation, cwd: Path, statement: str, environment: str = "development") -> str:
    words = ("mariadb", "-uroot", "-popensesame", "--default-character-set=utf8mb4", "-N", "-e", statement, "shop")
    return own.must("exec", environment, "other", "--", *words, cwd=cwd).stdout.strip()


def redis(own: Installation, cwd: Path, *words: str, environment: str = "development") -> str:
    return own.must("exec", environment, "cache", "--", "redis-cli", *words, cwd=cwd).stdout.strip()
