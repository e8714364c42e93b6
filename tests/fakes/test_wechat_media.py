"""Uploads, downloads and what is told of a user."""

from __future__ import annotations

import pytest

from tests.fakes import media
from tests.fakes.conftest import Caller, Clock, renew
from tests.fakes.wechat import DOWNLOAD, UPLOAD, USER, WeChat


@pytest.mark.parametrize(
    ("kind", "name", "data", "code"),
    [
        ("image", "a.jpg", media.JPEG, 0),
        ("image", "a.JPEG", media.JPEG, 0),
        ("image", "a.png", media.PNG, 0),
        ("image", "图.gif", media.GIF, 0),
        ("image", "a.png", media.JPEG, 40005),
        ("image", "a.bmp", media.PNG, 40005),
        ("image", "a", media.PNG, 40005),
        ("image", "a.png", b"", 40006),
        ("image", "a.png", media.PNG + bytes(2 * media.MB), 45001),
        ("voice", "a.amr", media.AMR, 0),
        ("voice", "a.mp3", media.MP3, 0),
        ("voice", "a.mp4", media.MP4, 40005),
        ("video", "a.mp4", media.MP4, 0),
        ("video", "a.mp4", media.MP4 + bytes(10 * media.MB), 45001),
        ("thumb", "a.jpg", media.JPEG, 0),
        ("thumb", "a.png", media.PNG, 40005),
        ("thumb", "a.jpg", media.JPEG + bytes(64 * media.KB), 45001),
        ("file", "a.pdf", b"%PDF", 40004),
        ("", "a.jpg", media.JPEG, 40004),
    ],
)
def test_what_may_be_uploaded(oa: Caller, kind: str, name: str, data: bytes, code: int) -> None:
    told = oa.upload(UPLOAD, kind, name, data)
    assert told.get("errcode", 0) == code
    if not code:
        assert set(told) == {"type", "thumb_media_id" if kind == "thumb" else "media_id", "created_at"}
        assert isinstance(told["created_at"], int)


def test_the_form_must_be_right(oa: Caller) -> None:
    assert oa.upload(UPLOAD, "image", "a.png", media.PNG, field="file")["errcode"] == 41005
    assert oa.raw(UPLOAD, media.PNG, type="image")["errcode"] == 47001
    form = oa.http.post(UPLOAD, params={"access_token": oa.token, "type": "image"}, data={"media": "a"})
    assert form.json()["errcode"] == 47001
    bare = b'--b\r\nContent-Disposition: form-data; name="media"\r\n\r\n' + media.PNG + b"\r\n--b--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    params = {"access_token": oa.token, "type": "image"}
    assert oa.http.post(UPLOAD, params=params, content=bare, headers=headers).json()["errcode"] == 47001


def test_a_download_is_the_bytes_and_names_itself(oa: Caller, clock: Clock) -> None:
    awkward = media.PNG + bytes(range(256)) * 9 + b"\r\n--b\r\n\r\n\n\r"
    media_id = oa.upload(UPLOAD, "image", "a.png", awkward)["media_id"]
    answer = oa.download(DOWNLOAD, media_id)
    assert answer.content == awkward
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"] == 'attachment; filename="a.png"'
    clock.time += 3 * 86400
    renew(oa)
    gone = oa.download(DOWNLOAD, media_id)
    assert gone.status_code == 200
    assert gone.json()["errcode"] == 40007
    assert oa.download(DOWNLOAD, "guess").json()["errcode"] == 40007


def test_a_video_is_an_address(oa: Caller, wechat: WeChat) -> None:
    media_id = wechat.user_media("video", media.MP4, "a.mp4")
    told = oa.download(DOWNLOAD, media_id).json()
    assert set(told) == {"video_url"}
    assert oa.http.get(told["video_url"]).content == media.MP4
    wechat.expire_media(media_id)
    assert oa.http.get(told["video_url"]).status_code == 404


def test_a_user_has_no_name_any_more(oa: Caller, wechat: WeChat) -> None:
    wechat.follow("o1", scene="desk")
    told = oa.get(USER, openid="o1", lang="zh_CN")
    assert (told["subscribe"], told["openid"], told["qr_scene_str"]) == (1, "o1", "desk")
    assert not {"nickname", "headimgurl", "sex", "city", "language"} & set(told)
    wechat.unfollow("o1")
    assert oa.get(USER, openid="o1") == {"subscribe": 0, "openid": "o1"}
    assert oa.get(USER, openid="o2")["errcode"] == 40003
