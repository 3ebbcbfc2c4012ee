"""Where known data engines keep what they write, for images that do not declare it as ``VOLUME``."""

from __future__ import annotations

from typing import Final

from localenv.core.rewrite.protocols import image_name

__all__ = ["is_known_data_path"]

_WHOLE_TREES: Final = (
    "/var/lib/postgresql",
    "/var/lib/mysql",
    "/var/lib/mariadb",
    "/var/lib/mongodb",
    "/var/lib/cassandra",
    "/var/lib/clickhouse",
    "/var/lib/rabbitmq",
    "/var/lib/redis",
    "/var/lib/influxdb",
    "/var/lib/influxdb2",
    "/var/lib/couchdb",
    "/var/lib/arangodb3",
    "/var/lib/weaviate",
    "/var/lib/milvus",
    "/var/lib/zookeeper",
    "/var/lib/kafka",
    "/var/lib/etcd",
    "/data/db",
    "/data/configdb",
)
"""Everything below is the engine's, whichever image it is."""

_EXACT: Final = frozenset(
    {
        "/bitnami",
        "/meili_data",
        "/opt/couchdb/data",
        "/prometheus",
        "/qdrant/storage",
        "/usr/share/elasticsearch/data",
        "/usr/share/opensearch/data",
        "/var/lib/gitea",
        "/var/lib/grafana",
        "/var/opt/mssql",
        "/var/opt/gitlab",
        "/loki",
    }
)
_DATA_ROOT_IMAGES: Final = (
    *("redis", "valkey", "keydb", "dragonfly", "minio", "mongo", "neo4j", "surrealdb", "gitea", "forgejo"),
    *("kafka", "zookeeper", "nats", "rqlite", "typesense", "memgraph", "etcd", "consul", "vault", "registry"),
)
"""Images that write to ``/data``; also ``redis-stack-server`` and the like."""
_BITNAMI: Final = "/bitnami/"


def is_known_data_path(image: str, target: str) -> bool:
    """Whether a data engine keeps its files at this path of the container."""
    path = target.rstrip("/") or "/"
    if path in _EXACT or path.startswith(_BITNAMI) or any(f"{path}/".startswith(f"{tree}/") for tree in _WHOLE_TREES):
        return True
    return path == "/data" and image_name(image).startswith(_DATA_ROOT_IMAGES)
