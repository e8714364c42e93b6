"""A past for the growth benchmark: many conversations of resolved customers, written straight into the tables."""

from __future__ import annotations

import sqlite3

from bot.store import sqlite_path

LENGTH = 20
"""Messages in each made-up conversation."""


def fill(url: str, messages: int) -> None:
    """Add resolved conversations of 20 messages until there are `messages` more."""
    connection = sqlite3.connect(sqlite_path(url), isolation_level=None)
    inbox = connection.execute("SELECT id FROM inbox").fetchone()[0]
    first = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM conversation").fetchone()[0]
    connection.execute("BEGIN")
    for n in range(first, first + messages // LENGTH):
        _conversation(connection, inbox, n)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _conversation(connection: sqlite3.Connection, inbox: int, n: int) -> None:
    at = 1_700_000_000_000_000 + n * 1_000_000
    connection.execute("INSERT INTO contact(id, name, language, created_at) VALUES (?, '', 'zh-Hans', ?)", (n, at))
    connection.execute(
        "INSERT INTO contact_identity(id, inbox_id, external_id, contact_id, created_at) VALUES (?, ?, ?, ?, ?)",
        (n, inbox, f"past-{n}", n, at),
    )
    connection.execute(
        "INSERT INTO conversation(id, inbox_id, thread, sender, identity_id, contact_id, status, seq, turned_seq,"
        " last_at, created_at, resolved_at) VALUES (?, ?, ?, ?, ?, ?, 'resolved', ?, ?, ?, ?, ?)",
        (n, inbox, f"past-{n}", f"past-{n}", n, n, LENGTH, LENGTH, at, at, at),
    )
    connection.executemany(
        "INSERT INTO message(conversation_id, seq, inbox_id, external_id, arrival, author, kind, text, payload, at)"
        " VALUES (?, ?, ?, ?, ?, ?, 'text', ?, '{}', ?)",
        [
            (n, seq, inbox, f"past-{n}-{seq}" if seq % 2 else None, seq % 2, "customer" if seq % 2 else "bot",
             f"很久以前的一句话 {seq}", at + seq)
            for seq in range(1, LENGTH + 1)
        ],
    )  # fmt: skip
