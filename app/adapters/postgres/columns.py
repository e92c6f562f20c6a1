"""The columns that tables are made of, and the names that constraints get."""

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Integer,
    MetaData,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)

NOW = text("now()")
EMPTY = text("''")
ZERO = text("0")


def identity() -> "Column[int]":
    """The primary key, given by the server."""
    return Column("id", BigInteger, Identity(always=False), primary_key=True)


def words(name: str, default: bool = True) -> "Column[str]":
    """A text that is never null."""
    return Column(name, Text, nullable=False, server_default=EMPTY if default else None)


def number(name: str, default: bool = True) -> "Column[int]":
    """A whole number that is never null."""
    return Column(name, BigInteger, nullable=False, server_default=ZERO if default else None)


def moment(name: str, *, nullable: bool = True, default: bool = False) -> "Column[object]":
    """A moment."""
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=NOW if default else None)


def document(name: str) -> "Column[object]":
    """A JSON document, empty by default."""
    return Column(name, JSONB, nullable=False, server_default=text("'{}'"))


def connection_id() -> "Column[int]":
    """The connection that the row belongs to."""
    return Column("connection_id", BigInteger, ForeignKey("connections.id"), nullable=False)


def one_of(column: str, values: Iterable[StrEnum]) -> CheckConstraint:
    """Only the values of the enumeration."""
    listed = ", ".join(f"'{value.value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def version(name: str = "version", default: int = 0) -> "Column[int]":
    """The number of a version; 0 stands for none."""
    return Column(name, Integer, nullable=False, server_default=text(str(default)))
