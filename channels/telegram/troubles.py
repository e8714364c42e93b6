"""What only a person can mend about a Telegram bot: what is wrong and the mend, in plain words. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bot.errors import Trouble

TOKEN, WEBHOOK, POLLER, PUSHES, AWAY = "token", "webhook", "poller", "pushes", "away"
ON_LISTEN = (WEBHOOK, POLLER, PUSHES, AWAY, TOKEN)
"""Over when updates come."""
ON_SEND = (TOKEN, AWAY)
"""Over when a message went out."""

SAID: Mapping[str, Mapping[str, str]] = {
    TOKEN: {
        "zh-Hans": "Telegram 不接受机器人的 token。请在 @BotFather（/mybots › API Token）核对，改正配置后重启。",
        "zh-Hant": "Telegram 不接受機器人的 token。請在 @BotFather（/mybots › API Token）核對，改正設定後重啟。",
        "en": "Telegram does not accept the bot's token. "
        "Compare it with @BotFather (/mybots › API Token), correct the settings and restart.",
    },
    WEBHOOK: {
        "zh-Hans": "这个机器人已设为推送到 {told}，轮询收不到消息。若那个程序已经不用，请给收件箱写上 "
        "take_over = true 并重启，kefu 会接管它（等待中的消息不会丢）；否则请另建一个机器人。",
        "zh-Hant": "這個機器人已設為推送到 {told}，輪詢收不到訊息。若那個程式已經不用，請為收件匣寫上 "
        "take_over = true 並重啟，kefu 會接管它（等待中的訊息不會遺失）；否則請另建一個機器人。",
        "en": "The bot's updates are pushed to {told}, so nothing can be fetched. If that program is no longer in use, "
        "write take_over = true for the inbox and restart: kefu takes the bot over, and nothing that waits is lost. "
        "Else make another bot.",
    },
    POLLER: {
        "zh-Hans": "另有程序在用同一个 token 收消息，两边会互相抢走。请停掉另一个，"
        "或在 @BotFather 换新 token（/revoke）。",
        "zh-Hant": "另有程式在用同一個 token 收訊息，兩邊會互相搶走。請停掉另一個，"
        "或在 @BotFather 換新 token（/revoke）。",
        "en": "Another program fetches with the same token, and each takes messages from the other. "
        "Stop the other one, or get a new token from @BotFather (/revoke).",
    },
    PUSHES: {
        "zh-Hans": "Telegram 推送不到 kefu：{told}。请检查 public_url、证书和反向代理，或改用轮询（去掉 mode）。",
        "zh-Hant": "Telegram 推送不到 kefu：{told}。請檢查 public_url、憑證和反向代理，或改用輪詢（去掉 mode）。",
        "en": "Telegram cannot push to kefu: {told}. "
        "Look at public_url, the certificate and the proxy in front, or use polling (leave mode out).",
    },
    AWAY: {
        "zh-Hans": "连不上 Telegram（{told}）。中国大陆的服务器通常需要代理：请给收件箱设置 proxy 或 api_base。",
        "zh-Hant": "連不上 Telegram（{told}）。中國大陸的伺服器通常需要代理：請為收件匣設定 proxy 或 api_base。",
        "en": "Telegram cannot be reached ({told}). "
        "Servers in mainland China usually need a proxy: set proxy or api_base for the inbox.",
    },
}


def trouble(key: str, told: str = "") -> Trouble:
    return Trouble(key, {language: words.replace("{told}", told) for language, words in SAID[key].items()})
