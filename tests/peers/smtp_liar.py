"""An SMTP server with a fault at each phase: refusals, silence, and a line that drops when the mail was taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.peers.lines import Hangup, Line, line_server

DROP, HANG = "drop", "hang"
PHASES = ("greet", "ehlo", "auth", "mail", "rcpt", "data", "dot", "quit")
USUAL = {
    "greet": "220 liar.example", "ehlo": "250-liar\r\n250-8BITMIME\r\n250-SIZE 30000000\r\n250 AUTH PLAIN LOGIN",
    "auth": "235 welcome", "mail": "250 go on", "rcpt": "250 go on", "data": "354 speak", "dot": "250 taken",
    "quit": "221 bye",
}  # fmt: skip


@dataclass
class Taken:
    """A mail whose last dot came; `told` is what the sender heard of it."""

    sender: str
    recipients: list[str]
    raw: bytes
    told: str


@dataclass
class SmtpLiar:
    """`faults`: by phase a reply ("451 …"), DROP or HANG; `refused`: by recipient a reply. `once`: phases whose fault
    comes one time only. Both may be changed while it runs."""

    port: int = 0
    faults: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    once: set[str] = field(default_factory=set)
    taken: list[Taken] = field(default_factory=list)
    tries: int = 0

    def clear(self) -> None:
        self.faults.clear()
        self.refused.clear()

    def _answer(self, line: Line, phase: str, also: str = "") -> str:
        reply = also or self.faults.get(phase, USUAL[phase])
        if phase in self.once:
            self.once.discard(phase)
            self.faults.pop(phase, None)
        if reply == DROP:
            raise Hangup
        if reply == HANG:
            line.hang()
        line.say(reply)
        return reply

    def talk(self, line: Line) -> None:
        self.tries += 1
        self._answer(line, "greet")
        mail = Taken("", [], b"", "")
        while True:
            heard = line.hear().decode("utf-8", "replace")
            verb = heard.split(" ")[0].split(":")[0].upper()
            if verb in ("EHLO", "HELO"):
                self._answer(line, "ehlo")
            elif verb == "AUTH":
                self._auth(line, heard)
            elif verb == "MAIL" and self._answer(line, "mail").startswith("250"):
                mail = Taken(_address(heard), [], b"", "")
            elif verb == "RCPT":
                to = _address(heard)
                if self._answer(line, "rcpt", self.refused.get(to, "")).startswith("250"):
                    mail.recipients.append(to)
            elif verb == "DATA" and self._answer(line, "data").startswith("354"):
                mail.raw = _body(line)
                self.taken.append(mail)
                mail.told = self.faults.get("dot", USUAL["dot"])
                self._answer(line, "dot")
            elif verb == "QUIT":
                self._answer(line, "quit")
                return
            elif verb in ("RSET", "NOOP"):
                line.say("250 fine")

    def _auth(self, line: Line, heard: str) -> None:
        words = heard.split(" ")
        if words[1].upper() == "LOGIN":
            if len(words) < 3:
                line.say("334 VXNlcm5hbWU6")
                line.hear()
            line.say("334 UGFzc3dvcmQ6")
            line.hear()
        elif len(words) < 3:
            line.say("334 ")
            line.hear()
        self._answer(line, "auth")


def _address(command: str) -> str:
    return command.split("<", 1)[-1].split(">", 1)[0]


def _body(line: Line) -> bytes:
    lines = []
    while (heard := line.hear()) != b".":
        lines.append(heard[1:] if heard.startswith(b"..") else heard)
    return b"\r\n".join(lines) + b"\r\n"


@contextmanager
def smtp_liar(faults: Mapping[str, str] | None = None) -> Iterator[SmtpLiar]:
    liar = SmtpLiar(faults=dict(faults or {}))
    with line_server(liar.talk) as port:
        liar.port = port
        yield liar
