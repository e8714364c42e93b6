"""An address and a password are enough where the provider is known; whatever is wrong is told with the mend."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.errors import OptionsError
from channels.email.options import Options, read
from channels.email.providers import BY_DOMAIN, PROVIDERS, Place
from channels.email.readers import OAuth
from channels.email.smtp import Security
from tests.peers.certificates import make_certificate

OWN = {"address": "support@shop.example", "password": "a-code", "imap_host": "127.0.0.1", "smtp_host": "127.0.0.1"}
TLS, STARTTLS, NONE = Security.TLS, Security.STARTTLS, Security.NONE


def options(**more: Any) -> Options:
    return read("mail", {**OWN, **more})


@pytest.mark.parametrize(("address", "imap", "smtp"), [
    ("kefu@qq.com", Place("imap.qq.com", 993), Place("smtp.qq.com", 465)),
    ("kefu@foxmail.com", Place("imap.qq.com", 993), Place("smtp.qq.com", 465)),
    ("kefu@163.com", Place("imap.163.com", 993), Place("smtp.163.com", 465)),
    ("kefu@126.com", Place("imap.126.com", 993), Place("smtp.126.com", 465)),
    ("kefu@YEAH.net", Place("imap.yeah.net", 993), Place("smtp.yeah.net", 465)),
    ("kefu@aliyun.com", Place("imap.aliyun.com", 993), Place("smtp.aliyun.com", 465)),
    ("kefu@sina.com", Place("imap.sina.com", 993), Place("smtp.sina.com", 465)),
    ("kefu@sohu.com", Place("imap.sohu.com", 993), Place("smtp.sohu.com", 465)),
    ("kefu@139.com", Place("imap.139.com", 993), Place("smtp.139.com", 465)),
    ("kefu@189.cn", Place("imap.189.cn", 993), Place("smtp.189.cn", 465)),
    ("kefu@gmail.com", Place("imap.gmail.com", 993), Place("smtp.gmail.com", 465)),
    ("kefu@yahoo.com.tw", Place("imap.mail.yahoo.com", 993), Place("smtp.mail.yahoo.com", 465)),
    ("kefu@icloud.com", Place("imap.mail.me.com", 993), Place("smtp.mail.me.com", 587, STARTTLS)),
])  # fmt: skip
def test_an_address_and_a_password_are_enough(address: str, imap: Place, smtp: Place) -> None:
    made = read("mail", {"address": address, "password": "a-code"})
    assert (made.server_in, made.server_out) == (imap, smtp)
    account, relay = made.imap(), made.relay()
    assert (account.host, account.login, account.password, account.security) == (imap.host, address, "a-code", TLS)
    assert (relay.host, relay.login, relay.password) == (smtp.host, address, "a-code")


def test_a_companys_domain_names_its_provider() -> None:
    made = read("mail", {"address": "kefu@shop.example", "password": "a-code", "provider": "exmail"})
    assert (made.server_in.host, made.server_out.host) == ("imap.exmail.qq.com", "smtp.exmail.qq.com")


def test_no_domain_is_at_two_providers() -> None:
    assert len(BY_DOMAIN) == sum(len(one.domains) for one in PROVIDERS)
    assert len({one.name for one in PROVIDERS}) == len(PROVIDERS)


@pytest.mark.parametrize(("more", "server_in", "server_out"), [
    ({}, Place("127.0.0.1", 993, TLS), Place("127.0.0.1", 465, TLS)),
    ({"smtp_port": 587}, Place("127.0.0.1", 993, TLS), Place("127.0.0.1", 587, STARTTLS)),
    ({"imap_security": "starttls"}, Place("127.0.0.1", 143, STARTTLS), Place("127.0.0.1", 465, TLS)),
    ({"imap_port": 1143, "imap_security": "none", "smtp_security": "none"}, Place("127.0.0.1", 1143, NONE),
     Place("127.0.0.1", 25, NONE)),
    ({"imap_host": "dovecot", "imap_security": "none"}, Place("dovecot", 143, NONE), Place("127.0.0.1", 465, TLS)),
])  # fmt: skip
def test_servers_of_ones_own(more: dict[str, Any], server_in: Place, server_out: Place) -> None:
    made = options(**more)
    assert (made.server_in, made.server_out) == (server_in, server_out)


def test_another_server_of_a_known_provider() -> None:
    made = read("mail", {"address": "kefu@qq.com", "password": "a-code", "smtp_host": "smtp.relay.example"})
    assert (made.server_in.host, made.server_out) == ("imap.qq.com", Place("smtp.relay.example", 465))


def test_the_rest_is_as_it_was_told(tmp_path: Path) -> None:
    pair = make_certificate(tmp_path, "localhost")
    made = options(
        from_name="示例商店",
        history=30,
        aliases=["Sales@shop.example"],
        junk_folder="垃圾邮件",
        sent_folder="已发送",
        authserv_ids=["mx.shop.example"],
        plus_addressing=True,
        trusted_certificate=str(pair.certificate),
        secret="0123456789abcdef",
        smtp_login="relay",
        smtp_password="other",
        login="support",
    )
    assert (made.name, made.history, made.junk, made.sent) == ("示例商店", timedelta(days=30), "垃圾邮件", "已发送")
    assert made.own == {"support@shop.example", "sales@shop.example"}
    assert (made.plus, made.authserv) == (True, ("mx.shop.example",))
    assert made.trusted == pair.certificate.read_text()
    assert (made.imap().login, made.relay().login, made.relay().password) == ("support", "relay", "other")
    assert made.envelope == "support@shop.example"
    assert options(trusted_certificate=made.trusted).trusted == made.trusted


def test_the_envelope_is_who_logs_in() -> None:
    assert options(login="box@shop.example").envelope == "box@shop.example"
    assert options(login="box@elsewhere.example").envelope == "support@shop.example"


def test_a_token_stands_in_place_of_the_password() -> None:
    given = {"kind": "google", "client_id": "an-id", "client_secret": "s", "refresh_token": "1//0refresh"}
    made = read("mail", {"address": "kefu@gmail.com", "oauth": given})
    assert made.oauth == OAuth("google", "an-id", "s", "1//0refresh")
    assert (made.imap("a-token").token, made.relay("a-token").token) == ("a-token", "a-token")


def test_a_password_of_figures_from_the_environment() -> None:
    assert options(password=12345678).password == "12345678"


def test_an_app_password_is_copied_with_its_gaps() -> None:
    assert read("mail", {"address": "a@gmail.com", "password": "abcd efgh ijkl mnop"}).password == "abcdefghijklmnop"


SECRETS = {"password": "hunter2-secret", "smtp_password": "hunter3-secret"}


@pytest.mark.parametrize(("given", "told"), [
    ({"password": "x"}, ["address is missing", "support@shop.example"]),
    ({"address": "kefu@qq.com"}, ["password is missing", "授权码", "生成授权码", "env:NAME"]),
    ({"address": "kefu@gmail.com"}, ["app password", "apppasswords"]),
    ({"address": "kefu@outlook.com", "password": "x"}, ["outlook takes no password", "oauth"]),
    ({"address": "kefu@shop.example", "password": "x"}, ["imap_host is missing", "smtp_host is missing", "exmail"]),
    ({"address": "not an address", "password": "x"}, ["address must be an address like"]),
    ({"address": "a@qq.com", "pasword": "x"}, ["did you mean password?", "password is missing"]),
    ({"address": "a@qq.com", "password": "x", "provider": "qqq"}, ["provider must be one of: qq, exmail"]),
    ({"address": "a@qq.com", "password": "x", "imap_port": 0}, ["imap_port must be a port from 1 to 65535"]),
    ({"address": "a@qq.com", "password": "x", "imap_security": "ssl"}, ['"tls", "starttls" or "none"']),
    ({"address": "a@qq.com", "password": "x", "smtp_security": "none"}, ["for all to read", "starttls"]),
    ({"address": "a@qq.com", "password": "x", "history": "all"}, ['"now"', "days"]),
    ({"address": "a@qq.com", "password": "x", "from_name": "a\r\nBcc: b@c.example"}, ["how the company calls itself"]),
    ({"address": "a@qq.com", "password": "x", "trusted_certificate": "/nowhere.pem"}, ["No such file"]),
    ({"address": "a@qq.com", "password": "x", "trusted_certificate": "-----BEGIN rubbish"}, ["PEM form"]),
    ({"address": "a@qq.com", "password": "x", "aliases": "b@c.example"}, ["aliases must be a list"]),
    ({"address": "a@qq.com", "password": "x", "secret": "short"}, ["at least 16"]),
    ({"address": "a@gmail.com", "oauth": {"kind": "google", "client_id": "an-id"}}, ["refresh_token is missing"]),
    ({"address": "a@gmail.com", "oauth": {"kind": "yahoo"}}, ['"microsoft" or "google"', "client_id is missing"]),
    ({"address": "a@gmail.com", "oauth": "x"}, ["must be a table like"]),
    ({"address": "a@gmail.com", "password": "x", "oauth": {"kind": "google", "client_id": "an-id",
      "refresh_token": "12345678"}}, ["two ways in"]),
])  # fmt: skip
def test_what_is_wrong_is_told_with_the_mend(given: dict[str, Any], told: list[str]) -> None:
    with pytest.raises(OptionsError) as error:
        read("mail", given)
    for words in told:
        assert words in str(error.value)


def test_no_secret_is_told_or_shown() -> None:
    made = options(**SECRETS, secret="0123456789abcdef-s")
    shown = f"{made!r} {made.imap()!r} {made.relay('tok-secret')!r}"
    with pytest.raises(OptionsError) as error:
        read(
            "mail", {"address": "a@qq.com", **SECRETS, "secret": "tiny secret", "oauth": {"refresh_token": "r secret"}}
        )
    assert "secret" not in shown.replace("secret=", "")
    assert not any(one in str(error.value) for one in (*SECRETS.values(), "tiny secret", "r secret"))
