"""What the desk is called in the store, and where it is."""

from __future__ import annotations

from dataclasses import dataclass

INBOX, CHANNEL = "@telegram-desk", "telegram-desk"
"""The row its shelf belongs to: no inbox of the settings can have this name."""
USERNAME = "username"
"""Where on the shelf the bot's own name is."""


@dataclass(slots=True)
class Group:
    """Where the desk is; a group may move."""

    chat: int
