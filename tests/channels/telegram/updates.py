"""Updates as the Bot API tells them, made to order."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
WANG: Json = {"id": 5001, "is_bot": False, "first_name": "王", "last_name": "芳", "language_code": "zh-hans"}
CHAT: Json = {"id": 5001, "type": "private", "first_name": "王"}
DATE = 1_800_000_000


def message(text: str = "", *, number: int = 7, user: Json = WANG, chat: Json = CHAT, **content: Any) -> Json:
    told = {"message_id": number, "from": user, "chat": chat, "date": DATE} | content
    return told | ({"text": text} if text else {})


def said(text: str = "", *, update_id: int = 700_000_001, **content: Any) -> Json:
    return {"update_id": update_id, "message": message(text, **content)}


def edited(text: str, *, at: int = DATE + 60, **content: Any) -> Json:
    return {"update_id": 700_000_002, "edited_message": message(text, **content) | {"edit_date": at}}


def tapped(data: Any, label: str = "怎么退货", **around: Any) -> Json:
    board = {"inline_keyboard": [[{"text": label, "callback_data": data}]]}
    under = message("您好", number=8, user={"id": 1001, "is_bot": True, "first_name": "客服"}, reply_markup=board)
    told = {"id": "42", "from": WANG, "message": under, "chat_instance": "1", "data": data} | around
    return {"update_id": 700_000_003, "callback_query": told}


def changed(status: str, before: str = "member") -> Json:
    states = [{"user": {"id": 1001, "is_bot": True, "first_name": "客服"}, "status": s} for s in (before, status)]
    told = {"chat": CHAT, "from": WANG, "date": DATE, "old_chat_member": states[0], "new_chat_member": states[1]}
    return {"update_id": 700_000_004, "my_chat_member": told}
