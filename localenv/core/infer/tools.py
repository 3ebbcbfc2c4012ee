"""Tables that belong to migration tools: they say which migrations ran, and are nobody's data."""

from __future__ import annotations

import re
from typing import Final

from localenv.core.schema.model import TableName

__all__ = ["migration_tool"]

_TOOLS: Final[tuple[tuple[str, str], ...]] = (
    (r"alembic_version", "Alembic"),
    (r"django_migrations", "Django"),
    (r"schema_migrations|ar_internal_metadata|schema_migration_details|schema_info", "the framework's migrations"),
    (r"flyway_schema_history|schema_version", "Flyway"),
    (r"databasechangelog(lock)?", "Liquibase"),
    (r"knex_migrations(_lock)?", "Knex"),
    (r"_prisma_migrations", "Prisma"),
    (r"__drizzle_migrations", "Drizzle"),
    (r"(typeorm_)?migrations?(_history|_lock|_versions)?|typeorm_metadata", "migrations"),
    (r"sequelizemeta|sequelizedata", "Sequelize"),
    (r"pgmigrations|mikro_orm_migrations|kysely_migration(_lock)?|umzug_.*", "migrations"),
    (r"goose_db_version|gorp_migrations|bun_migrations?(_locks)?|gormigrate", "migrations"),
    (r"doctrine_migration_versions|migration_versions|phinxlog|phinx_log|tern_schema_version", "migrations"),
    (r"__efmigrationshistory|__migrationhistory|versioninfo|schemaversions", "Entity Framework and its kin"),
    (r"_sqlx_migrations|__diesel_schema_migrations|refinery_schema_history|seaql_migrations", "migrations"),
    (r"atlas_schema_revisions|_yoyo_(migration|log|version)|yoyo_lock|_migration_history|migratus", "migrations"),
    (r"data_migrations|background_migration_.*|schema_history", "migrations"),
)
_COMPILED: Final = tuple((re.compile(pattern), tool) for pattern, tool in _TOOLS)


def migration_tool(name: TableName) -> str | None:
    """The tool whose table it is, ``None`` for a table of the application."""
    lowered = name.name.lower()
    return next((tool for pattern, tool in _COMPILED if pattern.fullmatch(lowered)), None)
