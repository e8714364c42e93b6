"""Mail providers people have: where their servers are, what they want for a password, and what they do by themselves.

From the providers' own help pages. A provider with `domains` is known by the address; the others host companies'
domains, and are chosen by name. `code`: what stands in place of the password, `where` people find it.
`plus`: mail to name+anything@ arrives. `files`: what is handed in by SMTP lies in the Sent folder by itself.
`authserv`: the authserv-ids of its Authentication-Results, where one can be relied on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from channels.email.smtp import Security


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server listens."""

    host: str
    port: int
    security: Security = Security.TLS


class Code(StrEnum):
    """What a provider takes from a program: the password, one made for programs, or a token only."""

    PASSWORD = "the password"  # noqa: S105
    AUTHORISATION = "the authorisation code (授权码), not the password"
    APP = "an app password, not the password"
    CLIENT = "the password for mail programs (客户端专用密码)"
    OAUTH = "OAuth: set oauth = {…} in place of a password"


@dataclass(frozen=True, slots=True)
class Provider:
    name: str
    imap: Place
    smtp: Place
    domains: tuple[str, ...] = ()
    code: Code = Code.PASSWORD
    where: str = ""
    plus: bool = False
    files: bool = False
    authserv: tuple[str, ...] = ()


def _usual(name: str, imap: str, smtp: str, *domains: str, code: Code, where: str = "", files: bool = False,
           plus: bool = False, authserv: tuple[str, ...] = ()) -> Provider:  # fmt: skip
    return Provider(name, Place(imap, 993), Place(smtp, 465), domains, code, where, plus, files, authserv)


def _netease(domain: str) -> Provider:
    where = "mail.163.com → 设置 → POP3/SMTP/IMAP → 开启 IMAP/SMTP 服务 → 新增授权密码"
    return _usual(domain.removesuffix(".com").removesuffix(".net"), f"imap.{domain}", f"smtp.{domain}", domain,
                  code=Code.AUTHORISATION, where=where)  # fmt: skip


def _sina(domain: str) -> Provider:
    where = "新浪邮箱 → 设置 → 客户端 pop/imap/smtp → 开启服务 → 授权码"
    return _usual(domain, f"imap.{domain}", f"smtp.{domain}", domain, code=Code.AUTHORISATION, where=where)


QQ = "QQ邮箱 → 设置 → 账号 → POP3/IMAP/SMTP 服务 → 开启 → 生成授权码"
MICROSOFT = "README, e-mail, OAuth: an app registration in Microsoft Entra"
GOOGLE = "myaccount.google.com/apppasswords (needs 2-step verification)"
HOTMAIL = ("outlook.com", "hotmail.com", "live.com", "live.cn", "msn.com", "outlook.hk", "hotmail.com.tw", "hotmail.hk",
           "hotmail.co.uk", "outlook.jp", "outlook.de", "outlook.fr", "hotmail.fr", "hotmail.de")  # fmt: skip
YAHOO = ("yahoo.com", "ymail.com", "rocketmail.com", "yahoo.com.tw", "yahoo.com.hk", "yahoo.com.sg", "yahoo.co.uk",
         "yahoo.de", "yahoo.fr", "yahoo.ca", "yahoo.in", "yahoo.com.au")  # fmt: skip
EXCHANGE = Place("outlook.office365.com", 993)

PROVIDERS: tuple[Provider, ...] = (
    _usual("qq", "imap.qq.com", "smtp.qq.com", "qq.com", "vip.qq.com", "foxmail.com",
           code=Code.AUTHORISATION, where=QQ, files=True),
    _usual("exmail", "imap.exmail.qq.com", "smtp.exmail.qq.com", code=Code.CLIENT, files=True,
           where="腾讯企业邮 → 设置 → 客户端设置 → 开启 IMAP/SMTP; 开启安全登录后: 设置 → 微信绑定 → 客户端专用密码"),
    *map(_netease, ("163.com", "126.com", "yeah.net", "vip.163.com", "vip.126.com", "188.com")),
    Provider("qiye163", Place("imap.qiye.163.com", 993), Place("smtp.qiye.163.com", 994), (), Code.CLIENT,
             "网易企业邮箱 → 设置 → 客户端设置 → 客户端授权密码"),
    _usual("aliyun", "imap.aliyun.com", "smtp.aliyun.com", "aliyun.com", code=Code.CLIENT,
           where="阿里邮箱 → 设置 → 账号与安全 → 第三方客户端安全密码"),
    _usual("qiye_aliyun", "imap.qiye.aliyun.com", "smtp.qiye.aliyun.com", code=Code.CLIENT,
           where="阿里企业邮箱 → 设置 → 账号与安全 → 账户安全 → 三方客户端安全密码"),
    *map(_sina, ("sina.com", "sina.cn", "vip.sina.com")),
    _usual("sohu", "imap.sohu.com", "smtp.sohu.com", "sohu.com", code=Code.AUTHORISATION,
           where="搜狐邮箱 → 选项 → 设置 → POP3/SMTP/IMAP → 开启 → 独立密码"),
    _usual("139", "imap.139.com", "smtp.139.com", "139.com", code=Code.AUTHORISATION,
           where="139邮箱 → 设置 → 邮箱协议设置 → 开启 IMAP/SMTP → 授权码"),
    _usual("189", "imap.189.cn", "smtp.189.cn", "189.cn", code=Code.AUTHORISATION,
           where="189邮箱 → 设置 → POP3/SMTP/IMAP → 开启 → 客户端专用密码"),
    _usual("wo", "imap.wo.cn", "smtp.wo.cn", "wo.cn", code=Code.AUTHORISATION,
           where="沃邮箱 → 设置 → POP/SMTP/IMAP → 开启 → 授权码"),
    _usual("feishu", "imap.feishu.cn", "smtp.feishu.cn", code=Code.CLIENT,
           where="飞书邮箱 → 设置 → 第三方邮箱客户端 → 生成专用密码"),
    _usual("lark", "imap.larksuite.com", "smtp.larksuite.com", code=Code.CLIENT,
           where="Lark Mail → settings → third-party mail clients → dedicated password"),
    _usual("gmail", "imap.gmail.com", "smtp.gmail.com", "gmail.com", "googlemail.com", code=Code.APP, where=GOOGLE,
           plus=True, files=True, authserv=("mx.google.com",)),
    _usual("workspace", "imap.gmail.com", "smtp.gmail.com", code=Code.APP, where=GOOGLE,
           plus=True, files=True, authserv=("mx.google.com",)),
    Provider("outlook", EXCHANGE, Place("smtp-mail.outlook.com", 587, Security.STARTTLS), HOTMAIL, Code.OAUTH,
             MICROSOFT, plus=True, files=True),
    Provider("office365", EXCHANGE, Place("smtp.office365.com", 587, Security.STARTTLS), (), Code.OAUTH, MICROSOFT,
             plus=True, files=True),
    Provider("office365_china", Place("partner.outlook.cn", 993), Place("smtp.partner.outlook.cn", 587,
             Security.STARTTLS), (), Code.OAUTH, MICROSOFT, files=True),
    _usual("yahoo", "imap.mail.yahoo.com", "smtp.mail.yahoo.com", *YAHOO, code=Code.APP,
           where="login.yahoo.com/account/security → generate app password", files=True),
    _usual("aol", "imap.aol.com", "smtp.aol.com", "aol.com", code=Code.APP,
           where="login.aol.com/account/security → generate app password", files=True),
    Provider("icloud", Place("imap.mail.me.com", 993), Place("smtp.mail.me.com", 587, Security.STARTTLS),
             ("icloud.com", "me.com", "mac.com"), Code.APP,
             "account.apple.com → sign-in and security → app-specific passwords", plus=True),
    _usual("zoho", "imap.zoho.com", "smtp.zoho.com", "zoho.com", "zohomail.com", code=Code.APP,
           where="accounts.zoho.com → security → app passwords; IMAP is switched on in the mail settings", plus=True),
    _usual("fastmail", "imap.fastmail.com", "smtp.fastmail.com", "fastmail.com", "fastmail.fm", code=Code.APP,
           where="Fastmail → settings → privacy & security → app passwords", plus=True),
    _usual("yandex", "imap.yandex.com", "smtp.yandex.com", "yandex.com", "yandex.ru", code=Code.APP,
           where="id.yandex.com → security → app passwords", plus=True),
    _usual("mail_ru", "imap.mail.ru", "smtp.mail.ru", "mail.ru", "bk.ru", "inbox.ru", "list.ru", code=Code.APP,
           where="account.mail.ru → security → passwords for external applications", plus=True),
    Provider("gmx", Place("imap.gmx.net", 993), Place("mail.gmx.net", 465), ("gmx.net", "gmx.de", "gmx.at", "gmx.ch"),
             where="GMX → settings → POP3 & IMAP: allow access"),
)  # fmt: skip

BY_NAME: Mapping[str, Provider] = {one.name: one for one in PROVIDERS}
BY_DOMAIN: Mapping[str, Provider] = {domain: one for one in PROVIDERS for domain in one.domains}


def provider(address: str, name: str = "") -> Provider | None:
    """The provider called `name`; without a name, that of the address's domain."""
    return BY_NAME.get(name) if name else BY_DOMAIN.get(address.rpartition("@")[2].lower())
