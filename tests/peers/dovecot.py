"""A real IMAP server: Dovecot with mailboxes of its own, LMTP, IDLE, UIDPLUS, keywords, TLS if asked for."""

from __future__ import annotations

import imaplib
import os
import pwd
import shutil
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.peers.certificates import make_certificate
from tests.peers.process import Server, answers, as_user, free_ports, open_folder, program

PASSWORD = "pass-of-mail"
FOLDERS = {"Sent": r"\Sent", "Junk": r"\Junk", "Trash": r"\Trash"}


def _boxes() -> str:
    return "\n".join(
        f"  mailbox {name} {{\n    auto = create\n    special_use = {use}\n  }}" for name, use in FOLDERS.items()
    )


CONFIG = """
base_dir = {dir}/run
state_dir = {dir}/state
log_path = /dev/stderr
protocols = imap lmtp
listen = 127.0.0.1
ssl = {ssl}
{certificate}
disable_plaintext_auth = no
auth_mechanisms = {mechanisms}
auth_verbose = yes
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = {uid}
first_valid_gid = {gid}
mail_location = maildir:{dir}/mail/%u
mail_max_userip_connections = 200
{tokens}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {dir}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={dir}/home/%u
}}
namespace inbox {{
  inbox = yes
{boxes}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  process_min_avail = 1
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
protocol imap {{
  mail_max_userip_connections = 200
}}
"""


TOKENS = """passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {dir}/oauth2.conf
}}
"""
INTROSPECTION = """introspection_mode = get
introspection_url = {url}
username_attribute = email
active_attribute = active
active_value = true
"""


class Dovecot:
    """A running server. `users` may log in with PASSWORD. `port` speaks plainly, `tls_port` (if it was asked for) TLS
    with a certificate for `host`. `introspection`: where it asks about a token of OAuth, which stands at its end."""

    def __init__(
        self, folder: Path, users: Sequence[str], *, tls: bool = False, host: str = "localhost", introspection: str = ""
    ) -> None:
        self.folder, self.users, self.introspection = folder, list(users), introspection
        self.port, self.lmtp_port, self._imaps = free_ports(3)
        self.tls_port = self._imaps if tls else 0
        self.certificate = make_certificate(folder, host) if tls else None
        self.log = folder / "dovecot.log"
        self._write()
        command = [*as_user("nobody"), program("dovecot"), "-F", "-c", str(folder / "dovecot.conf")]
        self._server = Server(command, self.log)

    def start(self) -> None:
        self._server.start(lambda: answers(self.port))

    def stop(self) -> None:
        self._server.stop()

    def _write(self) -> None:
        me = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        group = "nogroup" if os.geteuid() == 0 else str(_group(me.pw_gid))
        pair = self.certificate
        keys = f"ssl_cert = <{pair.certificate}\nssl_key = <{pair.key}" if pair else ""
        told = CONFIG.format(
            dir=self.folder, user=me.pw_name, group=group, uid=me.pw_uid, gid=me.pw_gid, boxes=_boxes(),
            mechanisms="plain login xoauth2" if self.introspection else "plain login",
            tokens=TOKENS.format(dir=self.folder) if self.introspection else "",
            imap=self.port, imaps=self.tls_port, lmtp=self.lmtp_port, ssl="yes" if pair else "no", certificate=keys,
        )  # fmt: skip
        (self.folder / "dovecot.conf").write_text(told)
        if self.introspection:
            (self.folder / "oauth2.conf").write_text(INTROSPECTION.format(url=self.introspection))
        (self.folder / "users").write_text("".join(f"{user}:{PASSWORD}\n" for user in self.users))
        for name in ("run", "state", "mail", "home"):
            (self.folder / name).mkdir(exist_ok=True)
        if os.geteuid() == 0:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, me.pw_uid, me.pw_gid)

    def deliver(self, user: str, raw: bytes, sender: str = "someone@elsewhere.example") -> None:
        """As a mail comes from outside: Dovecot writes Return-Path, Delivered-To and Received."""
        with smtplib.LMTP("127.0.0.1", self.lmtp_port) as line:
            line.sendmail(sender, [user], raw)

    def append(self, user: str, *raws: bytes, folder: str = "INBOX") -> None:
        """Exactly these bytes."""
        with self.session(user) as imap:
            for raw in raws:
                answer, told = imap.append(folder, "", "", raw)
                assert answer == "OK", told

    def mails(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """Everything in a folder, oldest first."""
        with self.session(user) as imap:
            assert imap.select(folder, readonly=True)[0] == "OK"
            _, parts = (
                imap.fetch("1:*", "(BODY.PEEK[])") if imap.untagged_responses.get("EXISTS") != [b"0"] else ("", [])
            )
            return [part[1] for part in parts if isinstance(part, tuple)]

    def flags(self, user: str, folder: str = "INBOX") -> list[str]:
        """The flags of each mail, as the server writes them."""
        with self.session(user) as imap:
            imap.select(folder, readonly=True)
            _, lines = imap.fetch("1:*", "(FLAGS)")
            return [str(line, "ascii") for line in lines if isinstance(line, bytes)]

    @contextmanager
    def session(self, user: str) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=30) as imap:
            imap.login(user, PASSWORD)
            yield imap

    def forget_uids(self, user: str, folder: str = "INBOX") -> None:
        """Another UIDVALIDITY for a folder, as after a move to another server. Stops and starts."""
        self.stop()
        place = self.folder / "mail" / user
        for path in (place if folder == "INBOX" else place / f".{folder}").glob("dovecot*"):
            if path.is_file():
                path.unlink()
        shutil.rmtree(self.folder / "run", ignore_errors=True)
        self._write()
        self.start()

    def uidvalidity(self, user: str, folder: str = "INBOX") -> int:
        with self.session(user) as imap:
            imap.select(folder, readonly=True)
            told = imap.response("UIDVALIDITY")[1][0]
            assert isinstance(told, bytes)
            return int(told)


def _group(gid: int) -> str:
    import grp

    return grp.getgrgid(gid).gr_name


def trusting(dovecot: Dovecot) -> ssl.SSLContext:
    """A context that believes this server's certificate."""
    assert dovecot.certificate
    return ssl.create_default_context(cafile=str(dovecot.certificate.certificate))


@contextmanager
def dovecot(*users: str, tls: bool = False, host: str = "localhost", introspection: str = "") -> Iterator[Dovecot]:
    """A Dovecot with these users' mailboxes."""
    with open_folder("dovecot") as folder:
        server = Dovecot(folder, users, tls=tls, host=host, introspection=introspection)
        server.start()
        try:
            yield server
        finally:
            server.stop()
