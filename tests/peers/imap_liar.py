"""An IMAP server with one mailbox that lies: a wrong EXISTS, a literal that never ends, a login it does not like.

It knows as much IMAP as a client that reads by UID asks for.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from imap_tools.imap_utf7 import utf7_encode as encode

from tests.peers.lines import Line, line_server

NO_LOGIN = "NO [AUTHENTICATIONFAILED] LOGIN Login error or password error"


@dataclass
class ImapLiar:
    """`exists`: what it says instead of how many there are. `stall`: after so many bytes of the last body, silence.
    `cut`: the line drops there instead. `hidden`: mails that are named and not handed out.
    `folders`: none of them says what it is for. `login`: the refusal of every login."""

    port: int = 0
    mails: list[bytes] = field(default_factory=list)
    exists: int | None = None
    stall: int | None = None
    cut: bool = False
    hidden: set[int] = field(default_factory=set)
    folders: list[str] = field(default_factory=lambda: ["INBOX"])
    login: str = ""
    logins: int = 0
    heard: list[str] = field(default_factory=list)

    def talk(self, line: Line) -> None:
        line.say("* OK [CAPABILITY IMAP4rev1 ID UIDPLUS] ready")
        while True:
            tag, _, rest = line.hear().decode("utf-8", "replace").partition(" ")
            self.heard.append(rest)
            while literal := re.search(r"\{(\d+)\+?\}$", rest):
                line.say("+ go on")
                rest = rest[: literal.start()] + line.read.read(int(literal[1])).decode("utf-8", "replace")
                rest += line.hear().decode("utf-8", "replace")
            words = rest.upper().split(" ")
            name = words[1] if words[0] == "UID" else words[0]
            answer = getattr(self, f"_{name.lower()}", self._other)(line, rest)
            line.say(f"{tag} {answer or 'OK done'}")
            if name == "LOGOUT":
                return

    def _other(self, line: Line, rest: str) -> str:
        return "OK done"

    def _login(self, line: Line, rest: str) -> str:
        self.logins += 1
        return self.login or "OK [CAPABILITY IMAP4rev1 ID UIDPLUS] in"

    def _capability(self, line: Line, rest: str) -> str:
        line.say("* CAPABILITY IMAP4rev1 ID UIDPLUS")
        return "OK done"

    def _list(self, line: Line, rest: str) -> str:
        for name in self.folders:
            line.say(f'* LIST (\\HasNoChildren) "/" "{encode(name).decode()}"')
        return "OK done"

    _xlist = _list

    def _select(self, line: Line, rest: str) -> str:
        told = len(self.mails) if self.exists is None else self.exists
        line.say(
            f"* {told} EXISTS", "* 0 RECENT", r"* FLAGS (\Seen \Deleted)", r"* OK [PERMANENTFLAGS (\Seen)] limited"
        )
        line.say("* OK [UIDVALIDITY 77] valid", f"* OK [UIDNEXT {len(self.mails) + 1}] next")
        return "OK [READ-WRITE] selected"

    _examine = _select

    def _status(self, line: Line, rest: str) -> str:
        told = f"MESSAGES {len(self.mails)} UIDNEXT {len(self.mails) + 1} UIDVALIDITY 77"
        line.say(f"* STATUS INBOX ({told})")
        return "OK done"

    def _search(self, line: Line, rest: str) -> str:
        found = [n for n in range(1, len(self.mails) + 1) if n in _numbers(rest, len(self.mails))]
        line.say("* SEARCH " + " ".join(map(str, found)) if found else "* SEARCH")
        return "OK done"

    def _fetch(self, line: Line, rest: str) -> str:
        for number in _numbers(rest, len(self.mails)):
            if 1 <= number <= len(self.mails):
                self._one(line, number, rest.upper())
        return "OK done"

    def _one(self, line: Line, number: int, rest: str) -> None:
        raw = self.mails[number - 1]
        head = f'UID {number} FLAGS () INTERNALDATE "01-Nov-2026 10:00:00 +0000" RFC822.SIZE {len(raw)}'
        if "BODY" not in rest and not re.search(r"RFC822(?!\.SIZE)", rest):
            line.say(f"* {number} FETCH ({head})")
            return
        if number in self.hidden:
            return
        part = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if "HEADER" in rest else raw
        name = "BODY[HEADER]" if "HEADER" in rest else "BODY[]"
        line.connection.sendall(f"* {number} FETCH ({head} {name} {{{len(part)}}}\r\n".encode())
        if self.stall is not None and number == len(self.mails):
            line.connection.sendall(part[: self.stall])
            if self.cut:
                line.connection.shutdown(2)
            line.hang()
        line.connection.sendall(part + b")\r\n")


def _numbers(rest: str, last: int) -> Sequence[int]:
    """The message numbers a command names. As IMAP has it, `n:*` always has the last one in it."""
    found = re.search(r"(?:^|\s)(?:UID )?((?:\d+(?::(?:\d+|\*))?,?)+)(?:\s|$)", rest.split(" ", 1)[-1])
    if found is None:
        return range(1, last + 1)
    numbers: list[int] = []
    for each in filter(None, found[1].split(",")):
        begin, _, end = each.partition(":")
        final = last if end == "*" else int(end or begin)
        numbers += range(min(int(begin), final), min(final, 1_000_000) + 1)
    return numbers


@contextmanager
def imap_liar(*mails: bytes, tls: ssl.SSLContext | None = None) -> Iterator[ImapLiar]:
    liar = ImapLiar(mails=list(mails))
    with line_server(liar.talk, tls) as port:
        liar.port = port
        yield liar
