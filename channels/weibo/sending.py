"""One private message to a customer (客服消息).

Source: open.weibo.com/wiki/Send_Customer_Service_Message.
"""

from __future__ import annotations

from bot.errors import PermanentSendError
from bot.ports import Call, Receipt
from channels.weibo.api import Api
from channels.weibo.errors import RefusedError
from channels.weibo.fields import ident

REPLY = "/2/messages/reply.json"


async def send(api: Api, call: Call) -> Receipt:
    """Raises a SendError that says what to do about it."""
    try:
        told = await api.post(api.options.messages_base + REPLY, call.params)
    except RefusedError as refusal:
        raise refusal.meaning from None
    if told.get("result") is False:
        raise PermanentSendError("Weibo did not take the message and does not say why")
    return Receipt(ident(told, "id", "message_id"))
