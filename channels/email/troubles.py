"""What only a person can mend about a mailbox: what is wrong and the mend, in plain words."""

from __future__ import annotations

from collections.abc import Mapping

from bot.errors import Trouble
from channels.email.imap import AWAY, CERTIFICATE, LOGIN
from channels.email.mending import CODES
from channels.email.options import Options
from channels.email.providers import Code

BREAKER, FETCHING, FOLDER = "breaker", "fetching", "folder"
ON_READ = (LOGIN, CERTIFICATE, AWAY)
"""Over once the mailbox was read."""

SAID: Mapping[str, Mapping[str, str]] = {
    LOGIN: {
        "zh-Hans": "收不了邮件：邮箱 {mailbox} 登录被拒绝（{reason}）。请检查 login 和 password："
        "要填的是{code}{where}，并在邮箱设置中开启 IMAP 服务。",
        "zh-Hant": "收不了郵件：信箱 {mailbox} 登入被拒絕（{reason}）。請檢查 login 和 password："
        "要填的是{code}{where}，並在信箱設定中開啟 IMAP 服務。",
        "en": "No mail comes in: the mailbox {mailbox} refuses the login ({reason}). Check login and password: it "
        "wants {code}{where}, and IMAP has to be switched on in the mailbox's settings.",
    },
    CERTIFICATE: {
        "zh-Hans": "收不了邮件：{reason}。服务器证书与名称不符或不受信任，为安全起见没有登录。"
        "请核对 imap_host；自建服务器请把它的证书写入 trusted_certificate。",
        "zh-Hant": "收不了郵件：{reason}。伺服器憑證與名稱不符或不受信任，為安全起見沒有登入。"
        "請核對 imap_host；自建伺服器請把它的憑證寫入 trusted_certificate。",
        "en": "No mail comes in: {reason}. The server's certificate is not for this name or not to be trusted, so we "
        "did not log in. Check imap_host; for a server of your own put its certificate into trusted_certificate.",
    },
    AWAY: {
        "zh-Hans": "收不了邮件：邮箱 {mailbox} 的服务器连不上或没有回应（{reason}）。会一直重试；"
        "请检查网络、imap_host 和 imap_port。",
        "zh-Hant": "收不了郵件：信箱 {mailbox} 的伺服器連不上或沒有回應（{reason}）。會一直重試；"
        "請檢查網路、imap_host 和 imap_port。",
        "en": "No mail comes in: the server of {mailbox} cannot be reached or does not answer ({reason}). We go on "
        "trying; check the network, imap_host and imap_port.",
    },
    FOLDER: {
        "zh-Hans": "邮箱 {mailbox} 中打不开文件夹“{folder}”（{reason}）。请核对 junk_folder 和 sent_folder；"
        "收件箱照常收取。",
        "zh-Hant": "信箱 {mailbox} 中打不開資料夾「{folder}」（{reason}）。請核對 junk_folder 和 sent_folder；"
        "收件匣照常收取。",
        "en": "The folder “{folder}” of {mailbox} cannot be opened ({reason}). Check junk_folder and sent_folder; the "
        "inbox is read all the same.",
    },
    FETCHING: {
        "zh-Hans": "正在收取邮箱 {mailbox} 的邮件：已收 {done} 封，约剩 {left} 封。收完后本提示自动消失。",
        "zh-Hant": "正在收取信箱 {mailbox} 的郵件：已收 {done} 封，約剩 {left} 封。收完後本提示自動消失。",
        "en": "Taking in the mail of {mailbox}: {done} done, about {left} to go. This line goes when it is done.",
    },
    BREAKER: {
        "zh-Hans": "发往 {address} 的自动邮件过多，可能是对方也在自动回复。对它的自动回复已暂停，来信照常收取；"
        "请看一下这个会话。",
        "zh-Hant": "寄往 {address} 的自動郵件過多，可能是對方也在自動回覆。對它的自動回覆已暫停，來信照常收取；"
        "請看一下這個會話。",
        "en": "Too many automatic mails went to {address}; perhaps a machine answers there. Automatic answers to it "
        "are paused, and its mail comes in as ever. Please look at the conversation.",
    },
}


def unreadable(options: Options, key: str, reason: str) -> Trouble:
    """The mailbox cannot be read."""
    known = options.provider
    codes = CODES[known.code if known else Code.PASSWORD]
    told = {"mailbox": options.address, "reason": reason, "where": f" ({known.where})" if known and known.where else ""}
    return Trouble(key, {lang: words.format(code=codes[lang], **told) for lang, words in SAID[key].items()})


def folder(options: Options, name: str, reason: str) -> Trouble:
    return _trouble(FOLDER, mailbox=options.address, folder=name, reason=reason)


def fetching(options: Options, done: int, left: int) -> Trouble:
    return _trouble(FETCHING, mailbox=options.address, done=f"{done:,}", left=f"{left:,}")


def breaker(address: str) -> Trouble:
    return _trouble(BREAKER, address=address)


def _trouble(key: str, **told: str) -> Trouble:
    return Trouble(key, {language: words.format(**told) for language, words in SAID[key].items()})
