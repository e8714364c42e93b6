"""What only a person can mend about handing mail in, in plain words: what is wrong and the mend."""

from __future__ import annotations

from collections.abc import Mapping

from bot.errors import Trouble
from channels.email.options import Options
from channels.email.providers import Code

LOGIN, CERTIFICATE, SENDER, AWAY, TOKEN = "smtp_login", "smtp_certificate", "smtp_sender", "smtp_away", "token"
ON_SEND = (LOGIN, CERTIFICATE, SENDER, AWAY)
"""Over once a mail went out."""

SAID: Mapping[str, Mapping[str, str]] = {
    LOGIN: {
        "zh-Hans": "邮件发不出去：{host} 拒绝登录（{reason}）。请核对 login 和 password，要填的是{code}{where}。"
        "改正后重启即可，等待中的邮件会自动发出，一封也不会丢。",
        "zh-Hant": "郵件寄不出去：{host} 拒絕登入（{reason}）。請核對 login 和 password，要填的是{code}{where}。"
        "改正後重啟即可，等待中的郵件會自動寄出，一封也不會丟。",
        "en": "No mail goes out: {host} refuses the login ({reason}). Check login and password; it wants "
        "{code}{where}. Mend it and restart: what waits goes out by itself, and nothing is lost.",
    },
    CERTIFICATE: {
        "zh-Hans": "邮件发不出去：{reason}。服务器证书与名称不符或不受信任，为安全起见没有登录。"
        "请核对 smtp_host；自建服务器请把它的证书写入 trusted_certificate。",
        "zh-Hant": "郵件寄不出去：{reason}。伺服器憑證與名稱不符或不受信任，為安全起見沒有登入。"
        "請核對 smtp_host；自建伺服器請把它的憑證寫入 trusted_certificate。",
        "en": "No mail goes out: {reason}. The server's certificate is not for this name or not to be trusted, so we "
        "did not log in. Check smtp_host; for a server of your own put its certificate into trusted_certificate.",
    },
    SENDER: {
        "zh-Hans": "邮件发不出去：{host} 不接受发件地址 {address}（{reason}）。"
        "多数邮箱要求发件地址就是登录的邮箱：请核对 address 和 login，然后在会话中点“重发”。",
        "zh-Hant": "郵件寄不出去：{host} 不接受寄件地址 {address}（{reason}）。"
        "多數信箱要求寄件地址就是登入的信箱：請核對 address 和 login，然後在會話中點「重寄」。",
        "en": "Mail is refused: {host} does not take the sender {address} ({reason}). Most providers want it to be the "
        "address that logs in: compare address and login, then send it again from the conversation.",
    },
    AWAY: {
        "zh-Hans": "邮件发不出去：{reason}。会一直重试，24 小时还不成的标为未送达。"
        "请检查网络、防火墙、smtp_host、smtp_port 和 smtp_security。",
        "zh-Hant": "郵件寄不出去：{reason}。會一直重試，24 小時仍不成的標為未送達。"
        "請檢查網路、防火牆、smtp_host、smtp_port 和 smtp_security。",
        "en": "No mail goes out: {reason}. We go on trying; what does not go within 24 hours has failed. Check the "
        "network, the firewall, smtp_host, smtp_port and smtp_security.",
    },
    TOKEN: {
        "zh-Hans": "邮箱 {address} 的 OAuth 授权失效（{reason}）。请重新授权，把新的 refresh_token 填入 oauth 后重启；"
        "期间收发都会等待，不会丢失。",
        "zh-Hant": "信箱 {address} 的 OAuth 授權失效（{reason}）。請重新授權，把新的 refresh_token 填入 oauth 後重啟；"
        "期間收發都會等待，不會遺失。",
        "en": "The OAuth permission for {address} is no longer good ({reason}). Authorise it anew, put the new "
        "refresh_token into oauth and restart; mail waits meanwhile, and none is lost.",
    },
}
CODES: Mapping[Code, Mapping[str, str]] = {
    Code.PASSWORD: {"zh-Hans": "登录密码", "zh-Hant": "登入密碼", "en": "the password"},
    Code.AUTHORISATION: {
        "zh-Hans": "授权码，不是登录密码",
        "zh-Hant": "授權碼，不是登入密碼",
        "en": "the authorisation code (授权码), not the password",
    },
    Code.APP: {
        "zh-Hans": "应用专用密码，不是登录密码",
        "zh-Hant": "應用程式專用密碼，不是登入密碼",
        "en": "an app password, not the password",
    },
    Code.CLIENT: {
        "zh-Hans": "客户端专用密码",
        "zh-Hant": "用戶端專用密碼",
        "en": "the password for mail programs (客户端专用密码)",
    },
    Code.OAUTH: {
        "zh-Hans": "OAuth 授权，不是密码",
        "zh-Hant": "OAuth 授權，不是密碼",
        "en": "OAuth, not a password",
    },
}


def trouble(key: str, options: Options, reason: str) -> Trouble:
    """`reason`: what the server said."""
    known = options.provider
    codes = CODES[known.code if known else Code.PASSWORD]
    where = f" ({known.where})" if known and known.where else ""
    told = {"host": options.server_out.host, "address": options.address, "reason": reason, "where": where}
    return Trouble(key, {lang: words.format(code=codes[lang], **told) for lang, words in SAID[key].items()})
