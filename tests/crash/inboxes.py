"""The inboxes of a server under test, by the network they are on; and what of each network is made quicker.

WeChat waits five seconds and asks again for fifteen. Here everything takes a fifth of that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.ports import Channel
from channels import load
from channels.email import listening
from channels.wecom.channel import WeComChannel
from tests.fakes.pushes import Account
from tests.fakes.telegram_world import TOKEN as TELEGRAM_TOKEN
from tests.fakes.wechat import APPID
from tests.fakes.wechat import SECRET as APP_SECRET
from tests.fakes.wecom import CORPID, OPEN_KFID
from tests.fakes.wecom import SECRET as KF_SECRET
from tests.fakes.weibo_world import SECRET as WEIBO_SECRET
from tests.fakes.weibo_world import TOKEN as WEIBO_TOKEN
from tests.fakes.weibo_world import UID as WEIBO_UID
from tests.peers.dovecot import PASSWORD

SECRET = "a secret for tests"
CERTIFIED, UNCERTIFIED, SERVICE = "oa", "sub", "kf"
"""Inboxes on WeChat and WeCom; openids begin with the name of theirs."""
PRIVATE = "wb"
"""The inbox on Weibo."""
ACCOUNTS = {
    CERTIFIED: Account(original_id="gh_certified"),
    UNCERTIFIED: Account(original_id="gh_uncertified"),
    SERVICE: Account(receiver=CORPID),
}
MAILBOX = "support@shop.example"
ANSWER_WITHIN = timedelta(seconds=0.9)
PATIENCE = 1.0
"""Seconds after which the network hangs up."""
ASKS_AGAIN = timedelta(seconds=4)
SPARE = timedelta(seconds=1)


def relay(upstream: str, idempotent: bool) -> dict[str, Channel]:
    options: dict[str, Any] = {"upstream": upstream, "secret": SECRET, "idempotent": idempotent, "timeout": 0.8}
    return {"shop": load("relay")("shop", options)}


def wechat(upstream: str, idempotent: bool) -> dict[str, Channel]:
    """Two accounts: one may write of its own accord, the other only answers."""
    return {name: _account(name, upstream) for name in (CERTIFIED, UNCERTIFIED)}


def _account(name: str, upstream: str) -> Channel:
    told = {"app_id": APPID, "app_secret": APP_SECRET, "token": ACCOUNTS[name].token, "aes_key": ACCOUNTS[name].aes_key}
    channel = load("wechat")(name, {**told, "api_base": upstream, "certified": name == CERTIFIED})
    channel.capabilities = replace(channel.capabilities, answer_within=ANSWER_WITHIN, asks_again=ASKS_AGAIN)
    return channel


def wecom(upstream: str, idempotent: bool) -> dict[str, Channel]:
    account = ACCOUNTS[SERVICE]
    told = {"corp_id": CORPID, "open_kfid": OPEN_KFID, "secret": KF_SECRET, "token": account.token}
    channel = WeComChannel(SERVICE, {**told, "aes_key": account.aes_key, "api_base": upstream})
    channel._options = replace(channel._options, poll_seconds=1)
    return {SERVICE: channel}


def email(upstream: str, idempotent: bool) -> dict[str, Channel]:
    """`upstream`: the ports of IMAP and SMTP."""
    listening.LEASED_FOR = timedelta(seconds=2)
    imap, smtp = upstream.split()
    told = {
        "address": MAILBOX, "password": PASSWORD, "imap_host": "127.0.0.1", "imap_port": int(imap),
        "imap_security": "none", "smtp_host": "127.0.0.1", "smtp_port": int(smtp), "smtp_security": "none",
        "poll_seconds": 10, "history": 30, "secret": "0123456789abcdef", "keep_sent": False,
    }  # fmt: skip
    return {"mail": load("email")("mail", told)}


def telegram(upstream: str, idempotent: bool) -> dict[str, Channel]:
    """Whoever polls is dead for two seconds at most before another one does; pauses are a tenth."""
    from channels.telegram import listening as polling

    polling.LEASED_FOR, polling.LONGEST_PAUSE = timedelta(seconds=2), 2.0
    return {"tg": load("telegram")("tg", {"token": TELEGRAM_TOKEN, "api_base": upstream})}


def weibo(upstream: str, idempotent: bool) -> dict[str, Channel]:
    """With calls for a round every moment, and what was said before the first start."""
    from channels.weibo import polling

    polling.LEASED_FOR, polling.LOOK, polling.AFTER_FAILURE = timedelta(seconds=2), 0.2, 0.5
    return {PRIVATE: _on_weibo(upstream, history_hours=1, calls_per_day=1_000_000)}


def weibo_private(upstream: str, idempotent: bool) -> dict[str, Channel]:
    """Nobody polls: all there is are pushes."""
    channel = _on_weibo(upstream, public=False)
    channel.capabilities = replace(channel.capabilities, answer_within=ANSWER_WITHIN, asks_again=ASKS_AGAIN)
    return {PRIVATE: channel}


def _on_weibo(upstream: str, **more: Any) -> Channel:
    told = {"uid": WEIBO_UID, "app_secret": WEIBO_SECRET, "access_token": WEIBO_TOKEN}
    bases = {"messages_base": f"{upstream}/m", "api_base": f"{upstream}/api", "upload_base": f"{upstream}/upload"}
    return load("weibo")(PRIVATE, {**told, **bases, **more})


NETWORKS: Mapping[str, Callable[[str, bool], dict[str, Channel]]] = {
    "relay": relay,
    "wechat": wechat,
    "wecom": wecom,
    "email": email,
    "telegram": telegram,
    "weibo": weibo,
    "weibo-private": weibo_private,
}
