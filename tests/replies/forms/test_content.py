"""What operators may change in a form, and what they are told when it does not hold together."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from bot.errors import ContentError
from replies.knowledge import Knowledge, load_knowledge
from replies.lint import lint
from replies.source import CONTENT
from replies.text import LANGUAGES
from tests.replies.forms.filling import Customer

HANDBOOK = {
    "what", "when", "product", "model", "made", "batch", "first_used", "symptom", "before", "recent_use", "wish",
    "photos", "name", "address", "phone",
}  # fmt: skip


@pytest.fixture
def content(tmp_path: Path, _judged_once: None) -> Path:
    return Path(shutil.copytree(CONTENT, tmp_path / "content"))


def change(content: Path, old: str, new: str, languages: tuple[str, ...] = ("zh-Hans",)) -> None:
    for language in languages:
        path = content / language / "forms.toml"
        source = path.read_text("utf-8")
        assert re.search(old, source), (language, old)
        path.write_text(re.sub(old, new, source, count=1), "utf-8")


def test_the_register_asks_for_everything_the_handbook_names(knowledge: Knowledge) -> None:
    for language in LANGUAGES:
        form = knowledge.forms.complaint[language]
        assert {one.id for one in form.fields} >= HANDBOOK
        assert all(one.purpose for one in form.fields if one.id in ("name", "phone", "address")), "purpose is said"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('kind = "date"', 'kind = "day"', "field when has a kind that is not known"),
        ('label = "订单号"', 'lable = "订单号"', "field order has an unknown lable"),
        ('ask = "请问订单号是多少？"', "", "field order has no ask"),
        ('id = "when"', 'id = "what"', "field what is there twice"),
        ('id = "when"', 'id = "note"', "field note has an id that does not fit"),
        ("limit = 500", "limit = 5000", "field what has a limit that does not fit"),
        ("required = true\n", 'required = "yes"\n', "field what has a required that does not fit"),
        ('known = "date"', 'known = "moon"', "field when has a known that is not known"),
        ('refund = \\["退款"', 'refund = [""', "field wish is a choice without choices"),
        ('zone = "Asia/Shanghai"', 'zone = "Asia/Qinghe"', "no time zone 'Asia/Qinghe'"),
        ('confirm = "对，提交"', "", "\\[complaint.buttons\\] confirm is missing"),
        ("back = \\[", "bak = [", "\\[complaint.commands\\] back is not a list of texts"),
        ("\\{\\{ number \\}\\}", "{{ nummer }}", "done: no variable nummer"),
        ("编号 \\{\\{ number \\}\\}", "编号见短信", "done: number is missing"),
        ("请您说说发生了什么。", "你说说发生了什么。", "what.ask: familiar"),
        ("好的，先到这里。", "好的，稍后再说。", "stopped: promise"),
        ('label = "产品"', 'label = "產品"', "product.label: script"),
        ("required = true\n", "required = false\n", "field what is not as in zh-Hans"),
    ],
)
def test_what_does_not_hold_together_is_told(content: Path, old: str, new: str, told: str) -> None:
    change(content, old, new)
    faults = [f"{fault.file}:{fault.line}: {fault.text}" for fault in lint(content)]
    assert any(re.search(told, fault) for fault in faults), faults


def test_a_fault_in_a_form_stops_the_start(content: Path) -> None:
    change(content, 'kind = "date"', 'kind = "day"')
    with pytest.raises(ContentError, match="field when has a kind"):
        load_knowledge(content)


def test_fields_can_be_dropped_and_added_and_moved(content: Path) -> None:
    change(content, '(?s)\\[\\[complaint.field\\]\\]\nid = "when".*?\n\n', "", LANGUAGES)
    added = (
        '[[complaint.field]]\nid = "shop"\nkind = "text"\nlabel = "{}"\nask = "{}"\n\n[[complaint.field]]\nid = "what"'
    )
    asked = {
        "zh-Hans": ("门店", "请问是哪家门店？"),
        "zh-Hant": ("門市", "請問是哪一家門市？"),
        "en": ("Shop", "Which shop was it?"),
    }
    for language, (label, ask) in asked.items():
        change(content, '\\[\\[complaint.field\\]\\]\nid = "what"', added.format(label, ask), (language,))
    assert lint(content) == []
    customer = Customer(load_knowledge(content))
    assert customer.says("登记投诉").endswith("请问是哪家门店？")
    customer.says("文三路店")
    customer.says("电饭煲坏了")
    assert customer.draft.asked == "order", "the day is not asked any more"


def test_without_forms_nothing_is_offered_and_all_else_works(content: Path) -> None:
    for language in LANGUAGES:
        (content / language / "forms.toml").unlink()
    assert lint(content) == []
    customer = Customer(load_knowledge(content))
    customer.says("我要投诉，东西坏了，必须退款")
    assert customer.buttons == []
    customer.says("你好")
