"""Many rows changed in one statement, the same on both databases."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.sql import UpdateQuery

M = TypeVar("M", bound=Model)


def update_returning(rows: "QuerySet[M]", **values: Any) -> list[int]:
    """Run `rows.update(**values)` and return the keys of the rows it changed.

    A compare-and-swap of many rows: whoever reads a key here alone made the change.
    """
    query: Any = rows.order_by().query.chain(UpdateQuery)
    query.add_update_values(values)
    try:
        sql, params = query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} RETURNING id", params)
        return [row[0] for row in cursor.fetchall()]


def update_each(
    model: type[Model], columns: Sequence[str], values: Sequence[Sequence[Any]]
) -> None:
    """Set `columns` of many rows, each to its own values, in one UPDATE … FROM (VALUES …).

    Args:
        model: the table.
        columns: field names; nothing is converted that the database adapter does not.
        values: one (key, value, …) a row.
    """
    if not values:
        return
    fields: list[Any] = [model._meta.get_field(name) for name in columns]
    key = model._meta.pk
    names = [f.column for f in fields]
    quote = connection.ops.quote_name
    other = "(" + ", ".join(["%s"] * (len(fields) + 1)) + ")"
    first = other
    if connection.vendor == "postgresql":  # a column of NULLs has no type of its own there
        types = [key.rel_db_type(connection), *(field.db_type(connection) for field in fields)]
        first = "(" + ", ".join(f"CAST(%s AS {kind})" for kind in types) + ")"
    table = quote(model._meta.db_table)
    sets = ", ".join(f"{quote(name)} = v.column{i}" for i, name in enumerate(names, start=2))
    sql = (
        f"UPDATE {table} SET {sets}"  # noqa: S608  # names come from the models
        f" FROM (VALUES {', '.join([first] + [other] * (len(values) - 1))}) AS v"
        f" WHERE {table}.id = v.column1"
    )
    params = [
        prepared
        for row in values
        for prepared in (
            row[0],
            *(
                f.get_db_prep_save(value, connection)
                for f, value in zip(fields, row[1:], strict=True)
            ),
        )
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
