"""Where something stands on Weibo: the addresses of posts, and the threads we keep what is said in public by."""

from __future__ import annotations

ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
PUBLIC = "public:"


def link(author: str, status: str) -> str:
    """The address of a post: its number seven digits at a time, from the right, in base 62; "" if there is none."""
    if not (author and status):
        return ""
    pieces = []
    rest = status
    while rest:
        rest, piece = rest[:-7], rest[-7:]
        pieces.append(_base62(int(piece)).rjust(4, "0") if rest else _base62(int(piece)))
    return f"https://weibo.com/{author}/{''.join(reversed(pieces))}"


def _base62(number: int) -> str:
    digits = ""
    while number:
        number, last = divmod(number, 62)
        digits = ALPHABET[last] + digits
    return digits or "0"


def thread(root: str, author: str) -> str:
    """What one person says under one post is one conversation."""
    return f"{PUBLIC}{root}:{author}"


def root_of(thread: str) -> str:
    """The post of a public thread; "" where only a comment's number is known."""
    return thread.removeprefix(PUBLIC).partition(":")[0] if thread.startswith(PUBLIC) else ""
