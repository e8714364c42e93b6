"""What a WeChat user may write or do, as the fields of the push that tells it: every MsgType and Event we know of.

Each function takes the sender's openid first. Who it is to and when it was written is added on sending.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from typing import Any

from tests.fakes.wording import Fields

_ids = itertools.count(time.time_ns())


def fresh_id() -> int:
    """A MsgId of 64 bits that no other message of this process has."""
    return next(_ids)


def message(sender: str, kind: str, msg_id: int | str | None = None, **fields: Any) -> Fields:
    """Any message; `msg_id` may be text, as it is in JSON pushes now and then."""
    return {"FromUserName": sender, "MsgType": kind, **fields, "MsgId": fresh_id() if msg_id is None else msg_id}


def event(sender: str, name: str, **fields: Any) -> Fields:
    """Any event; events have no MsgId."""
    return {"FromUserName": sender, "MsgType": "event", "Event": name, **fields}


def text(sender: str, content: str, *, menu_id: str | None = None, msg_id: int | str | None = None) -> Fields:
    """`menu_id`: the user tapped that item of a msgmenu."""
    tapped = {} if menu_id is None else {"bizmsgmenuid": menu_id}
    return message(sender, "text", msg_id, Content=content, **tapped)


def image(sender: str, media_id: str, url: str = "http://mmbiz.qpic.cn/mmbiz_jpg/0") -> Fields:
    return message(sender, "image", PicUrl=url, MediaId=media_id)


def voice(sender: str, media_id: str, coding: str = "amr", recognition: str | None = None) -> Fields:
    heard = {} if recognition is None else {"Recognition": recognition}
    return message(sender, "voice", MediaId=media_id, Format=coding, **heard)


def video(sender: str, media_id: str, thumb_id: str, *, short: bool = False) -> Fields:
    return message(sender, "shortvideo" if short else "video", MediaId=media_id, ThumbMediaId=thumb_id)


def location(sender: str, latitude: float, longitude: float, label: str, scale: int = 20) -> Fields:
    return message(sender, "location", Location_X=latitude, Location_Y=longitude, Scale=scale, Label=label)


def link(sender: str, title: str, description: str, url: str) -> Fields:
    return message(sender, "link", Title=title, Description=description, Url=url)


def miniprogram_page(sender: str, title: str, app_id: str, path: str) -> Fields:
    return message(sender, "miniprogrampage", Title=title, AppId=app_id, PagePath=path, ThumbUrl="", ThumbMediaId="")


def file(sender: str, title: str, size: int) -> Fields:
    return message(sender, "file", Title=title, Description="", FileKey="", FileMd5="", FileTotalLen=size)


def from_article(fields: Fields, data_id: str, index: int = 1) -> Fields:
    """The same message, written under one of our articles."""
    return {**fields, "MsgDataId": data_id, "Idx": index}


def subscribe(sender: str, scene: str | None = None, ticket: str = "TICKET") -> Fields:
    """The user follows; with `scene`, through our QR code."""
    if scene is None:
        return event(sender, "subscribe", EventKey="")
    return event(sender, "subscribe", EventKey=f"qrscene_{scene}", Ticket=ticket)


def unsubscribe(sender: str) -> Fields:
    return event(sender, "unsubscribe", EventKey="")


def scan(sender: str, scene: str, ticket: str = "TICKET") -> Fields:
    """A follower scans our QR code."""
    return event(sender, "SCAN", EventKey=scene, Ticket=ticket)


def position(sender: str, latitude: float, longitude: float, precision: float) -> Fields:
    """LOCATION: where the user is, told without being asked."""
    return event(sender, "LOCATION", Latitude=latitude, Longitude=longitude, Precision=precision)


def click(sender: str, key: str) -> Fields:
    return event(sender, "CLICK", EventKey=key)


def view(sender: str, url: str) -> Fields:
    return event(sender, "VIEW", EventKey=url, MenuId="MENUID")


def view_miniprogram(sender: str, path: str) -> Fields:
    return event(sender, "view_miniprogram", EventKey=path, MenuId="MENUID")


def scancode(sender: str, key: str, result: str, *, wait: bool = False) -> Fields:
    told = {"ScanType": "qrcode", "ScanResult": result}
    return event(sender, "scancode_waitmsg" if wait else "scancode_push", EventKey=key, ScanCodeInfo=told)


def pictures(sender: str, key: str, name: str = "pic_sysphoto", *sums: str) -> Fields:
    """`name` is pic_sysphoto, pic_photo_or_album or pic_weixin."""
    told = {"Count": len(sums), "PicList": {"item": [{"PicMd5Sum": each} for each in sums]}}
    return event(sender, name, EventKey=key, SendPicsInfo=told)


def location_select(sender: str, key: str, latitude: float, longitude: float, label: str) -> Fields:
    told = {"Location_X": str(latitude), "Location_Y": str(longitude), "Scale": "15", "Label": label, "Poiname": ""}
    return event(sender, "location_select", EventKey=key, SendLocationInfo=told)


def template_finished(sender: str, msg_id: int, status: str = "success") -> Fields:
    """`status` is success, "failed:user block" or "failed: system failed"."""
    return event(sender, "TEMPLATESENDJOBFINISH", MsgID=msg_id, Status=status)


def mass_finished(sender: str, msg_id: int, sent: int) -> Fields:
    return event(sender, "MASSSENDJOBFINISH", MsgID=msg_id, Status="send success", TotalCount=sent, SentCount=sent)


def publish_finished(sender: str, publish_id: str, article_id: str) -> Fields:
    told = {"publish_id": publish_id, "publish_status": 0, "article_id": article_id}
    return event(sender, "PUBLISHJOBFINISH", PublishEventInfo=told)


def _notices(sender: str, name: str, around: str, items: Sequence[Fields]) -> Fields:
    return event(sender, name, **{around: {"List": list(items)}})


def notice_popup(sender: str, *answers: tuple[str, str]) -> Fields:
    """Each answer: template id, and accept or reject."""
    items = [{"TemplateId": t, "SubscribeStatusString": status, "PopupScene": 1} for t, status in answers]
    return _notices(sender, "subscribe_msg_popup_event", "SubscribeMsgPopupEvent", items)


def notice_change(sender: str, *answers: tuple[str, str]) -> Fields:
    items = [{"TemplateId": t, "SubscribeStatusString": status} for t, status in answers]
    return _notices(sender, "subscribe_msg_change_event", "SubscribeMsgChangeEvent", items)


def notice_sent(sender: str, template_id: str, msg_id: int, code: int = 0, status: str = "success") -> Fields:
    items = [{"TemplateId": template_id, "MsgID": msg_id, "ErrorCode": code, "ErrorStatus": status}]
    return _notices(sender, "subscribe_msg_sent_event", "SubscribeMsgSentEvent", items)


def desk_session(sender: str, agent: str, *, closed: bool = False) -> Fields:
    """WeChat's own desk begins or ends a session."""
    if closed:
        return event(sender, "kf_close_session", KfAccount=agent, CloseType="KF")
    return event(sender, "kf_create_session", KfAccount=agent)


def desk_switch(sender: str, before: str, after: str) -> Fields:
    return event(sender, "kf_switch_session", FromKfAccount=before, ToKfAccount=after)


def user_info_modified(sender: str) -> Fields:
    return event(sender, "user_info_modified", OpenID=sender, AppID="wx0", RevokeInfo="1")


def authorization_revoked(sender: str) -> Fields:
    return event(sender, "user_authorization_revoke", OpenID=sender, AppID="wx0", RevokeInfo="1")
