"""Files at the desk: what a customer sent comes and is shown, what an agent attaches is uploaded, sent and shown."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import FilePayload, Locator, expect

from tests import samples
from tests.e2e import axe
from tests.e2e.conftest import Sits
from tests.e2e.desk import Desk
from tests.e2e.test_screens import PHONES, fits, on_screen, phone
from tests.stories.serving import LI, ROOT, WANG, Kefu, hire

PHOTO: FilePayload = {"name": "杯子.png", "mimeType": "image/png", "buffer": samples.png(320, 200)}
PASTE = """([data, name, type]) => {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const clipboardData = new DataTransfer();
  clipboardData.items.add(new File([bytes], name, { type }));
  document.querySelector("#compose").dispatchEvent(
    new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""
DROP = """([pane, data, name, type]) => {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], name, { type }));
  const target = document.querySelector(pane);
  for (const kind of ["dragenter", "dragover"])
    target.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
  return () => target.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
}"""


class Post:
    """The network on the other side."""

    def __init__(self, kefu: Kefu, folder: Path) -> None:
        self._kefu, self._folder = kefu, folder
        self.count = 0
        for name in ("files", "sent"):
            (folder / name).mkdir(parents=True)

    def lay(self, name: str, data: bytes) -> None:
        """A file is there to be fetched."""
        (self._folder / "files" / name).write_bytes(data)

    def brings(self, *files: tuple[str, str, str], text: str = "", customer: int = 0) -> None:
        """A message, with (kind, name, source) files; of a new customer when none is named."""
        self.count += 1
        told: dict[str, Any] = {
            "id": f"p{self.count}",
            "sender": f"wang{customer or self.count}",
            "name": "王女士",
            "text": text,
        }
        told["files"] = [dict(zip(("kind", "name", "source"), f, strict=True)) for f in files]
        answer = httpx.post(f"{self._kefu.url}/webhooks/post", json=[told], trust_env=False)
        assert answer.status_code == 200, answer.text

    def got(self) -> list[dict[str, Any]]:
        """What reached the customer from agents, with files."""
        found = [json.loads(path.read_text("utf-8")) for path in sorted((self._folder / "sent").glob("*.json"))]
        return [told for told in found if told["files"]]

    def next(self, before: int) -> list[dict[str, Any]]:
        """What has reached him beyond the first so many, as soon as there is any: the desk may show it sooner."""
        ends = time.monotonic() + 20
        while not (found := self.got()[before:]) and time.monotonic() < ends:
            time.sleep(0.05)
        return found


@pytest.fixture(scope="module")
def kefu(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kefu]:
    folder = tmp_path_factory.mktemp("kefu")
    settings = {
        "PYTHONPATH": f"{ROOT / 'tests/plugins'}:{ROOT}",
        "KEFU_MEDIA_MAX_MEGABYTES": "1",
        "KEFU_INBOX_WEB_CHANNEL": "web",
        "KEFU_INBOX_POST_CHANNEL": "parcel",
        "KEFU_INBOX_POST_FOLDER": str(folder / "post"),
        "KEFU_INBOX_POST_KINDS": "image voice file",
        "KEFU_INBOX_STAMP_CHANNEL": "parcel",
        "KEFU_INBOX_STAMP_FOLDER": str(folder / "post"),
    }
    made = Kefu(folder, settings=settings)
    hire(made.store_url, LI, WANG)
    made.start()
    yield made
    assert made.stop() == 0, "".join(made.lines)
    assert not [line for line in made.lines if "Traceback" in line], "".join(made.lines)


@pytest.fixture(scope="module")
def post(kefu: Kefu) -> Post:
    return Post(kefu, kefu.folder / "post")


@pytest.fixture
def desk(sits: Sits, post: Post) -> Callable[..., Desk]:
    """An agent who has just taken over the conversation of a customer of that network."""

    def sit(*files: tuple[str, str, str], **options: Any) -> Desk:
        post.brings(text="转人工")
        post.brings(*files, text="" if files else "请看", customer=post.count)
        opened = sits(**options).open_first()
        opened.act("接入")
        expect(opened.standing).to_have_text("由您受理")
        return opened

    return sit


def clip(desk: Desk) -> Locator:
    return desk.page.get_by_role("button", name="添加附件")


def choose(desk: Desk, *files: FilePayload) -> None:
    with desk.page.expect_file_chooser() as chooser:
        clip(desk).click()
    chooser.value.set_files(list(files))


def waiting(desk: Desk, state: str = "ready") -> Locator:
    return desk.page.locator(f".attached-one.{state}")


def drawn(picture: Locator) -> None:
    """The browser has it and could read it."""
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("(e) => e.naturalWidth") > 0


def test_what_a_customer_sends_comes_and_is_shown(desk: Callable[..., Desk], post: Post, shots: Path | None) -> None:
    for name, data in {"voice.wav": samples.wav(), "voice.amr": samples.AMR, "page.html": samples.PAGE}.items():
        post.lay(name, data)
    sitting = desk(
        ("image", "", "later.png"), ("voice", "", "voice.wav"), ("voice", "", "voice.amr"),
        ("file", "说明.html", "page.html"), ("image", "", "gone"), ("image", "", "page.html"),
    )  # fmt: skip
    expect(sitting.log.locator(".coming")).to_have_text("正在取回…")
    expect(sitting.log.get_by_text("取不到了：渠道没有给出这个文件")).to_be_visible()
    expect(sitting.log.get_by_text("the file is gone")).to_be_visible()  # in the channel's own words
    expect(sitting.log.get_by_text("取不到了：内容不是应有的类型")).to_be_visible()
    expect(sitting.log.locator("audio")).to_have_count(1)
    expect(sitting.log.get_by_text("浏览器无法播放这种语音，请下载后收听")).to_be_visible()
    if shots:
        sitting.page.screenshot(path=shots / "files-coming.png")
    post.lay("later.png", samples.png(640, 400, 90))
    picture = sitting.log.locator(".picture img")
    expect(picture).to_be_visible()  # nobody reloaded anything
    expect(sitting.log.locator(".coming")).to_have_count(0)
    drawn(picture)
    axe.clean(sitting.page, "files")
    with sitting.page.context.expect_page() as opened:
        sitting.log.locator(".picture").click()
    drawn(opened.value.locator("img"))
    opened.value.close()
    with sitting.page.expect_download() as download:
        sitting.log.get_by_role("link", name="说明.html").click()
    assert download.value.suggested_filename == "说明.html"
    assert Path(download.value.path()).read_bytes() == samples.PAGE
    if shots:
        sitting.page.screenshot(path=shots / "files-shown.png")


def test_an_agent_attaches_sends_and_sees_it(desk: Callable[..., Desk], post: Post, shots: Path | None) -> None:
    sitting = desk(color_scheme="dark")
    before = len(post.got())
    choose(sitting, PHOTO, {"name": "报价.pdf", "mimeType": "application/pdf", "buffer": samples.PDF})
    expect(waiting(sitting)).to_have_count(2)
    drawn(waiting(sitting).first.locator("img"))
    axe.clean(sitting.page, "attached")
    if shots:
        sitting.page.screenshot(path=shots / "files-attached.png")
    sitting.page.get_by_role("button", name="移除 报价.pdf").click()
    expect(waiting(sitting)).to_have_count(1)
    expect(sitting.field).to_be_focused()
    sitting.page.locator(".send").click()  # a picture needs no words
    expect(waiting(sitting)).to_have_count(0)
    drawn(sitting.log.locator(".said.agent .picture img"))
    expect(sitting.log.locator(".mine-unsent")).to_have_count(0)
    (told,) = post.next(before)
    assert [(f["kind"], f["name"], f["media_type"]) for f in told["files"]] == [("image", "杯子.png", "image/png")]
    sitting.tab("mine")
    expect(sitting.rows.first).to_contain_text("坐席：[图片]")


def test_what_cannot_be_sent_is_said_at_once(desk: Callable[..., Desk]) -> None:
    sitting = desk()
    choose(sitting, {"name": "大.png", "mimeType": "image/png", "buffer": samples.png() + bytes(1024 * 1024)})
    expect(waiting(sitting, "failed")).to_contain_text("文件太大，最多 1 MB")
    expect(sitting.page.locator(".send")).to_have_attribute("aria-disabled", "true")
    sitting.page.get_by_role("button", name="移除 大.png").click()
    sitting.page.route("**/files?name=*", lambda route: route.abort())
    choose(sitting, PHOTO)
    expect(waiting(sitting, "failed")).to_contain_text("暂时连不上服务器")
    sitting.page.unroute("**/files?name=*")
    waiting(sitting, "failed").get_by_role("button", name="重试").click()
    expect(waiting(sitting)).to_have_count(1)
    sitting.page.locator("#mode-note").click()
    expect(clip(sitting)).to_have_count(0)  # notes carry no files
    sitting.page.locator("#mode-reply").click()
    expect(waiting(sitting)).to_have_count(1)


def test_pasted_and_dropped(desk: Callable[..., Desk]) -> None:
    sitting = desk()
    data = b64encode(samples.png()).decode()
    sitting.page.evaluate(PASTE, [data, "截图.png", "image/png"])
    expect(waiting(sitting)).to_have_count(1)
    drop = sitting.page.evaluate_handle(DROP, [".log", data, "拖来.png", "image/png"])
    expect(sitting.page.locator(".drop")).to_have_text("松开即可添加到回复")
    drop.evaluate("(drop) => drop()")
    expect(sitting.page.locator(".drop")).to_have_count(0)
    expect(waiting(sitting)).to_have_count(2)


@pytest.mark.parametrize("size", PHONES, ids=lambda s: f"{s['width']} px")
def test_files_on_a_phone(desk: Callable[..., Desk], post: Post, size: Any, shots: Path | None) -> None:
    post.lay("photo.png", samples.png(640, 400, 200))
    post.lay("voice.wav", samples.wav())
    name = "一个名字非常非常长的文件" * 6 + ".pdf"
    post.lay("long.pdf", samples.PDF)
    sitting = desk(("image", "", "photo.png"), ("voice", "", "voice.wav"), ("file", name, "long.pdf"), **phone(size))
    drawn(sitting.log.locator(".picture img"))
    expect(sitting.log.locator(".file-card")).to_be_visible()
    fits(sitting.page)
    with sitting.page.expect_file_chooser() as chooser:
        clip(sitting).tap()
    paper: FilePayload = {"name": name, "mimeType": "application/pdf", "buffer": samples.PDF}
    chooser.value.set_files([PHOTO, paper])
    expect(waiting(sitting)).to_have_count(2)
    fits(sitting.page)
    on_screen(sitting.page.locator(".send"), size)
    on_screen(clip(sitting), size)
    if shots:
        sitting.page.screenshot(path=shots / f"files-{size['width']}.png")
    sitting.page.locator(".send").tap()
    expect(sitting.log.locator(".said.agent .picture img")).to_be_visible()
    fits(sitting.page)
