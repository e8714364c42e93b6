"""A real mail server that relays: Exim writes real bounces and answers from a real vacation responder.

`bounceme@` any domain does not exist, and the bounce comes later; `away@` is on holiday and says so to everybody who
writes; `laggard@` is deferred, and whoever wrote is warned. The mail of known mailboxes goes to Dovecot.
"""

from __future__ import annotations

import os
import pwd
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.peers.process import Server, answers, as_user, free_ports, open_folder, program

USER = "Debian-exim"
CONFIG = """
exim_path = {dir}/exim4x
spool_directory = {dir}/spool
log_file_path = {dir}/%slog
pid_file_path = {dir}/exim.pid
primary_hostname = mx.customer.example
daemon_smtp_ports = {port}
local_interfaces = 127.0.0.1
exim_user = {user}
exim_group = {group}
never_users =
acl_smtp_rcpt = accept_all
acl_smtp_data = accept_all
domainlist local_domains = *
qualify_domain = customer.example
bounce_return_size_limit = 100K
tls_advertise_hosts =
message_logs = false
queue_run_max = 2
delay_warning = 1s
delay_warning_condition = yes
keep_environment =
accept_8bitmime = true
smtp_accept_max = 100
begin acl
accept_all:
  accept
begin routers
boxes:
  driver = accept
  condition = ${{lookup{{$local_part@$domain}}lsearch{{{dir}/boxes}}{{yes}}{{no}}}}
  transport = dovecot_lmtp
away:
  driver = accept
  local_parts = away
  senders = ! ^.*-request@ : ! ^owner-.* : ! postmaster@* : ! ^mailer-daemon@ : !
  transport = vacation
away_silent:
  driver = redirect
  local_parts = away
  data = :blackhole:
laggard:
  driver = redirect
  local_parts = laggard
  allow_defer
  data = :defer: this mailbox is asleep
nobody:
  driver = redirect
  allow_fail
  data = :fail: no such mailbox here
begin transports
dovecot_lmtp:
  driver = smtp
  protocol = lmtp
  hosts = 127.0.0.1
  hosts_override
  port = {lmtp}
  allow_localhost
vacation:
  driver = autoreply
  to = $sender_address
  from = $local_part@$domain
  subject = ${{if def:h_Subject: {{Away:${{sg{{$rh_Subject:}}{{\\n}}{{ }}}}}}{{I am away}}}}
  text = I am on holiday until Monday and will read your mail then.
  user = {user}
  group = {group}
begin retry
* * F,1h,1s
begin rewrite
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = yes
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = <| Username: | Password:
  server_condition = yes
"""


class Exim:
    """A running server on `port`. `boxes` are the addresses whose mail goes to the LMTP port given."""

    def __init__(self, folder: Path, boxes: Mapping[str, str], lmtp: int) -> None:
        self.folder, (self.port,) = folder, free_ports(1)
        root = os.geteuid() == 0
        me = pwd.getpwnam(USER) if root else pwd.getpwuid(os.geteuid())
        binary = folder / "exim4x"
        shutil.copyfile(
            program("exim4", "exim"), binary
        )  # a copy has no setuid bit, and may run as one user throughout
        binary.chmod(0o755)
        (folder / "spool").mkdir()
        (folder / "boxes").write_text("".join(f"{address}: {user}\n" for address, user in boxes.items()))
        told = CONFIG.format(dir=folder, port=self.port, lmtp=lmtp, user=me.pw_name, group=me.pw_gid)
        (folder / "exim.conf").write_text(told)
        if root:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, me.pw_uid, me.pw_gid)
        command = [*as_user(USER), str(binary), "-C", str(folder / "exim.conf"), "-bdf", "-q5s"]
        self._server = Server(command, folder / "exim.out")

    def start(self) -> None:
        self._server.start(lambda: answers(self.port))

    def stop(self) -> None:
        self._server.stop()

    def log(self) -> str:
        """What came and what became of it."""
        path = self.folder / "mainlog"
        return path.read_text(errors="replace") if path.exists() else ""


@contextmanager
def exim(lmtp: int, *boxes: str) -> Iterator[Exim]:
    """An Exim that delivers to these mailboxes by LMTP."""
    with open_folder("exim") as folder:
        server = Exim(folder, dict.fromkeys(boxes, ""), lmtp)
        server.start()
        try:
            yield server
        finally:
            server.stop()
