"""The command line: what it prints, how it ends, and that a mistake is one line with the mend."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot import __version__, cli
from bot.commands.lines import arriving
from bot.messages import Incoming
from bot.store import ServedSqlite, Store, agents, arrivals, cases, desk, schema
from tests.bot.conftest import Kefu


async def converse(store: Store) -> int:
    """A customer writes twice and an agent answers; the conversation."""
    inbox = await store.write(arrivals.keep_inbox, "web", "web")
    for n, text in enumerate(("你好", "我的 <订单> 到哪了")):
        said = Incoming(f"x{n}", "v1", text, sender_name="张女士", language="zh-Hans")
        kept = await store.write(arrivals.accept, inbox, said, token=0, lease=None, reopen=timedelta())
    agent = await store.write(agents.add, "xiaoli", name="小李", password_hash="-")
    await store.write(desk.reply, kept.conversation_id, agent, cid="1", text="您好，马上为您查。", pull=True)
    await store.write(desk.note, kept.conversation_id, agent, cid="2", text="老客户")
    return kept.conversation_id


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['kefu', '--help']; from bot.cli import main\ntry: main()\nfinally: print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert "serve" in done.stdout
    heavy = {"sqlalchemy", "starlette", "structlog", "rich", "asyncio", "numpy", "jinja2", "httpx", "aiogram", "opencc"}
    assert not heavy & set(done.stdout.split())


@pytest.mark.parametrize(
    "command", ["serve", "demo", "check", "migrate", "transcript", "cases", "poison", "replay", "lint"]
)
def test_every_command_explains_itself(kefu: Kefu, command: str) -> None:
    ended = kefu(command, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert f"kefu {command}" in ended.out


def test_version(kefu: Kefu) -> None:
    assert kefu("--version").out == f"kefu {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("sevre",),
        ("serve", "--colour"),
        ("transcript",),
        ("transcript", "abc"),
        ("demo", "--port", "0"),
        ("replay",),
        ("replay", "--inbox", "web"),
        ("replay", "--dry-run", "x.json"),
        ("replay", "--inbox", "web", "--channel", "web", "--dry-run", "x.json"),
        ("faq", "ask"),
        ("faq", "ask", "运费", "--jsonl"),
    ],
)
def test_a_command_line_that_makes_no_sense_ends_with_2(kefu: Kefu, arguments: tuple[str, ...]) -> None:
    ended = kefu(*arguments)
    assert ended.code == 2
    assert ended.err
    assert "Traceback" not in ended.err
    assert list(kefu.folder.iterdir()) == []


def test_a_mistake_in_the_settings_is_told_with_line_and_mend(kefu: Kefu) -> None:
    kefu.write("kefu.toml", "[web]\nprot = 1\n[[inbox]]\nname = 'a'\nchannel = 'wbe'\n")
    ended = kefu("migrate")
    assert ended.code == 1
    assert ended.out == ""
    assert ended.err.splitlines() == [
        "kefu: kefu.toml:2: web.prot is not a setting. Did you mean web.port?",
        "kefu: kefu.toml:5: wbe is not a channel. Did you mean web?",
    ]


def test_the_settings_file_is_found_or_named(kefu: Kefu, monkeypatch: pytest.MonkeyPatch) -> None:
    other = kefu.write("other.toml", "[wbe]\n")
    assert kefu("migrate").code == 0
    for arguments in (("--config", other), ("-c", other)):
        assert "other.toml:1" in kefu("migrate", *arguments).err
    monkeypatch.setenv("KEFU_CONFIG", str(other))
    assert "other.toml:1" in kefu("migrate").err
    assert "no-such.toml: no such file" in kefu("migrate", "-c", "no-such.toml").err


def test_something_unforeseen_is_one_line_and_a_traceback_on_request(
    kefu: Kefu, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: str) -> None:
        raise ZeroDivisionError("nobody thought of this")

    monkeypatch.setattr(schema, "state", broken)
    ended = kefu("migrate")
    assert ended.code == 1
    assert ended.err.startswith("kefu: something unforeseen: ZeroDivisionError: nobody thought of this.")
    assert len(ended.err.splitlines()) == 1
    monkeypatch.setenv("KEFU_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        cli.main()


def test_a_folder_that_cannot_be_made_is_named(kefu: Kefu) -> None:
    kefu.write("kefu-data", "a file where the folder should be")
    ended = kefu("migrate")
    assert ended.code == 1
    assert ended.err == f"kefu: {kefu.folder}/kefu-data: File exists. Check the path and its permissions.\n"


def test_migrate(kefu: Kefu) -> None:
    assert kefu("migrate").out == f"made the tables ({schema.HEAD})\n"
    assert kefu("migrate").out == f"nothing to do ({schema.HEAD})\n"


def test_tables_do_not_change_under_a_kefu_that_serves_them(kefu: Kefu) -> None:
    kefu("migrate")
    kefu.sql("UPDATE alembic_version SET version_num = 'kefu_0000'")
    held = ServedSqlite(kefu.folder / "kefu-data" / "kefu.db")
    try:
        ended = kefu("migrate")
    finally:
        asyncio.run(held.close())
    assert ended.code == 1
    assert f"already served by process {os.getpid()}" in ended.err


def test_a_database_from_a_newer_version_is_left_alone(kefu: Kefu) -> None:
    kefu("migrate")
    path = kefu.folder / "kefu-data" / "kefu.db"
    kefu.sql("UPDATE alembic_version SET version_num = 'kefu_9999'")
    before = path.read_bytes()
    for arguments in (("migrate",), ("poison",), ("agent", "list"), ("transcript", "1")):
        ended = kefu(*arguments)
        assert ended.code == 1
        assert "made by a newer version of kefu. Install that version here" in ended.err
    assert path.read_bytes() == before


def test_agents(kefu: Kefu) -> None:
    added = kefu("agent", "add", "XiaoLi", "--name", "小李", "--number", "1001")
    assert added.code == 0
    login, password = added.out.splitlines()[0].split()
    assert login == "xiaoli"
    assert len(password) >= 15
    again = kefu("agent", "add", "xiaoli")
    assert again.code == 1
    assert "already" in again.err
    reset = kefu("agent", "reset", "xiaoli")
    assert reset.out.split()[1] != password
    assert kefu("agent", "list").out.split() == ["1001", "xiaoli", "agent", "小李"]
    assert kefu("agent", "reset", "nobody").code == 1
    assert kefu("agent", "add", "boss", "--role", "king").err == "kefu: --role king: choose agent, supervisor, admin.\n"


def test_transcript_as_text_html_and_json(kefu: Kefu) -> None:
    conversation = str(kefu.store(converse))
    text = kefu("transcript", conversation)
    assert text.code == 0
    for told in ("张女士", "我的 <订单> 到哪了", "您好，马上为您查。", "小李", "老客户"):
        assert told in text.out
    html = kefu("transcript", conversation, "--format", "html").out
    assert html.startswith("<!doctype html>")
    assert "我的 &lt;订单&gt; 到哪了" in html
    told = json.loads(kefu("transcript", conversation, "--format", "json").out)
    assert [m["text"] for m in told["messages"]] == ["你好", "我的 <订单> 到哪了", "您好，马上为您查。", "老客户"]


def test_a_transcript_that_cannot_be(kefu: Kefu) -> None:
    kefu.store(converse)
    assert kefu("transcript", "99").err == "kefu: there is no such conversation\n"
    assert kefu("transcript", "1", "--format", "pdf").err.startswith("kefu: --format pdf: choose ")


def test_a_long_transcript_is_whole(kefu: Kefu) -> None:
    async def write(store: Store) -> None:
        inbox = await store.write(arrivals.keep_inbox, "web", "web")
        await asyncio.gather(
            *(
                store.write(
                    arrivals.accept, inbox, Incoming(f"x{n}", "v", str(n)), token=0, lease=None, reopen=timedelta()
                )
                for n in range(1203)
            )
        )

    kefu.store(write)
    told = json.loads(kefu("transcript", "1", "--format", "json").out)
    assert [m["text"] for m in told["messages"]] == [str(n) for n in range(1203)]


def test_replay_feeds_a_recorded_message_in_once(kefu: Kefu) -> None:
    file = kefu.write("m.json", json.dumps({"external_id": "e1", "sender": "v1", "text": "还在吗"}))
    assert kefu("replay", "--inbox", "web", file).out == "e1  conversation 1 seq 1\n"
    assert kefu("replay", "--inbox", "web", file).out == "e1  was there already; nothing changed\n"
    assert "还在吗" in kefu("transcript", "1").out
    assert kefu("replay", "--inbox", "wbe", file).err == "kefu: there is no inbox 'wbe'. Configured are: web\n"
    assert "cannot be read" in kefu("replay", "--inbox", "web", "none.json").err


def test_a_dry_run_prints_a_line_a_payload_and_touches_nothing(kefu: Kefu) -> None:
    message = {"external_id": "e1", "sender": "v1", "text": "看图", "sent_at": "2025-01-02T03:04:05+00:00"}
    message["attachments"] = [{"kind": "image", "name": "a.png", "media_type": "image/png"}]  # type: ignore[assignment]
    good = kefu.write("good.json", json.dumps(message))
    bad = kefu.write("bad.json", "{ nonsense")
    ended = kefu("replay", "--channel", "web", "--dry-run", good, bad)
    assert ended.code == 1
    first, second = map(json.loads, ended.out.splitlines())
    assert first["messages"][0]["text"] == "看图"
    assert first["messages"][0]["attachments"][0]["name"] == "a.png"
    assert set(second) == {"error"}
    assert sorted(p.name for p in kefu.folder.iterdir()) == ["bad.json", "good.json"]
    back = kefu.write("back.json", ended.out.splitlines()[0])
    assert kefu("replay", "--inbox", "web", back).code == 0
    assert "a.png" in kefu("transcript", "1").out


PUSHES = Path(__file__).parent.parent / "channels" / "wechat" / "payloads"


def test_what_wechat_pushed_is_read_without_any_settings(kefu: Kefu) -> None:
    names = ["voice_heard.xml", "text_menu.json", "unsubscribe.xml", "position.xml"]
    ended = kefu("replay", "--channel", "wechat", "--dry-run", *(str(PUSHES / name) for name in names))
    assert (ended.code, ended.err) == (0, "")
    voice, menu, left, position = (json.loads(line)["messages"] for line in ended.out.splitlines())
    assert (voice[0]["kind"], voice[0]["attachments"][0]["name"]) == ("voice", "voice.speex")
    assert voice[0]["window"] == {"by": "message", "lasts": 172800.0, "granted": 5}
    assert menu[0]["value"] == "101"
    assert left[0]["forget"] == "profile"
    assert position == []
    back = kefu.write("back.json", ended.out.splitlines()[0])
    assert kefu("replay", "--inbox", "web", back).out.endswith("conversation 1 seq 1\n")
    assert [p.name for p in kefu.folder.iterdir() if p.suffix == ".json"] == ["back.json"]


MAILS = PUSHES.parent.parent / "email" / "mails"


def test_a_mail_is_told_in_its_own_words(kefu: Kefu) -> None:
    names = ["gbk_labelled_gb2312", "qq_html_reply", "daemon_comment"]
    empty = kefu.write("empty.eml", "")
    ended = kefu(
        "replay", "--channel", "email", "--dry-run", *(str(MAILS / f"{name}.eml") for name in names), empty, "none"
    )
    assert ended.code == 1
    plain, reply, bounce, nothing, missing = map(json.loads, ended.out.splitlines())
    assert list(plain) == [
        *("from_email", "from_name", "to", "subject", "body", "new_text", "attachments"),
        *("message_id", "in_reply_to", "references", "auto_reply"),
    ]
    assert (plain["from_name"], plain["subject"], plain["auto_reply"]) == ("李喆", "朱镕的订单", None)
    assert reply["new_text"] == "寄到深圳。"
    assert "原始邮件" in reply["body"]
    assert bounce["auto_reply"]
    assert nothing["quarantine"] == "the mail is empty"
    assert "cannot be read" in missing["error"]


def test_what_cannot_be_read_without_a_key_says_so(kefu: Kefu) -> None:
    sealed = kefu.write("sealed.xml", "<xml><ToUserName>gh</ToUserName><Encrypt>abcd</Encrypt></xml>")
    for kind, words in (("wechat", "use --inbox"), ("wecom", "sync_msg")):
        ended = kefu("replay", "--channel", kind, "--dry-run", sealed)
        assert ended.code == 1
        assert words in json.loads(ended.out)["error"]


def test_what_wecom_answered_is_read_without_any_settings(kefu: Kefu) -> None:
    around = {"open_kfid": "wk1", "external_userid": "wm1", "send_time": 1615478585}
    says = {**around, "msgid": "m1", "origin": 3, "msgtype": "text", "text": {"content": "在吗", "menu_id": "rate:4"}}
    event = {"event_type": "user_recall_msg", "open_kfid": "wk1", "external_userid": "wm1", "recall_msgid": "m0"}
    recall = {"msgid": "m2", "origin": 4, "msgtype": "event", "event": event}
    page = kefu.write("page.json", json.dumps({"errcode": 0, "next_cursor": "c", "msg_list": [says, recall]}))
    one = kefu.write("one.json", json.dumps(says))
    ended = kefu("replay", "--channel", "wecom", "--dry-run", page, one)
    assert (ended.code, ended.err) == (0, "")
    first, second = map(json.loads, ended.out.splitlines())
    assert [(m["external_id"], m["text"], m["value"]) for m in first["messages"]] == [("wk1:m1", "在吗", "rate:4")]
    assert first["told"] == [{"what": "recall", "external_id": "wk1:m0"}]
    assert second["messages"] == first["messages"]
    back = kefu.write("back.json", ended.out.splitlines()[0])
    assert kefu("replay", "--inbox", "web", back).out == "wk1:m1  conversation 1 seq 1\n"


def test_poison_lists_and_replays(kefu: Kefu) -> None:
    kefu.store(converse)
    assert kefu("poison").out == "nothing was set aside\n"
    assert "`kefu poison` lists what was" in kefu("replay", "--poison", "1").err


HEAD = "id,question,answer,language\n"
FAQ = HEAD + "fee,运费多少,满 99 元包邮。,zh-Hans\nfee,要付邮费吗,,zh-Hans\nhours,几点上班,九点。,zh-Hans\n"


def test_faq_import_merges_and_export_gives_it_back(kefu: Kefu) -> None:
    kefu.write("kefu.toml", '[faq]\npath = "shop/faq.csv"\n')
    first = kefu.write("first.csv", FAQ)
    assert kefu("faq", "import", first).out.startswith(
        f"{kefu.folder}/shop/faq.csv: 2 new, 0 changed, 0 as before, 0 dropped."
    )
    second = kefu.write("second.csv", HEAD + "hours,几点上班,八点。,zh-Hans\n")
    assert "0 new, 1 changed, 1 as before" in kefu("faq", "import", second).out
    exported = kefu("faq", "export").out
    assert exported.splitlines() == [
        "id,question,answer,language",
        "fee,运费多少,满 99 元包邮。,zh-Hans",
        "fee,要付邮费吗,,zh-Hans",
        "hours,几点上班,八点。,zh-Hans",
    ]
    assert kefu("faq", "export", "out.csv").out == "wrote out.csv\n"
    assert kefu.write("x", "").with_name("out.csv").read_bytes().startswith(b"\xef\xbb\xbfid,")  # for Excel
    assert "0 new, 0 changed, 1 as before, 1 dropped" in kefu("faq", "import", "--replace", second).out
    assert "fee" not in kefu("faq", "export").out


@pytest.mark.parametrize(("codec", "named"), [("gbk", "GBK"), ("cp950", "Big5"), ("utf-8-sig", "")])
def test_faq_import_takes_what_excel_saves(kefu: Kefu, codec: str, named: str) -> None:
    kefu.write("kefu.toml", '[faq]\npath = "faq.csv"\n')
    table = "id,question,answer,language\n" + {
        "cp950": "fee,運費要多少錢,滿額免運費。,zh-Hant\nback,怎麼辦理退貨,請您七天內申請。,zh-Hant\n"
    }.get(codec, "fee,运费要多少钱,满额包邮。,zh-Hans\nback,怎么办理退货,请您七天内申请。,zh-Hans\n")
    (kefu.folder / "excel.csv").write_bytes(table.encode(codec))
    out = kefu("faq", "import", kefu.folder / "excel.csv").out
    assert "2 new" in out
    assert (f"excel.csv was read as {named}." in out) if named else ("read as" not in out)
    assert (kefu.folder / "faq.csv").read_bytes().decode("utf-8-sig").replace("\r\n", "\n") == table


def test_lint_gives_advice_on_a_table_and_does_not_fail_for_it(kefu: Kefu) -> None:
    ended = kefu("lint", kefu.write("one.csv", "id,question,answer,language\nfee,运费多少,满额包邮。,zh-Hans\n"))
    assert ended.code == 0
    assert "one.csv:2: fee: one way to ask only → write two or three more" in ended.out
    assert ended.out.endswith("all is well\n")


def test_a_broken_faq_is_refused_whole(kefu: Kefu) -> None:
    kefu.write("kefu.toml", '[faq]\npath = "faq.csv"\n')
    kefu.write("faq.csv", FAQ)
    bad = kefu.write("bad.csv", FAQ + "new,新的问题,答案,zh-Hans\nfee,运费多少,另一个答案,zh-Hans\n")
    ended = kefu("faq", "import", bad)
    assert ended.code == 1
    assert "bad.csv:6" in ended.err
    assert (kefu.folder / "faq.csv").read_text("utf-8") == FAQ


def test_faq_import_needs_to_know_where(kefu: Kefu) -> None:
    ended = kefu("faq", "import", kefu.write("faq.csv", FAQ))
    assert ended.code == 1
    assert "Set [faq] path" in ended.err


def test_faq_build_keeps_what_the_next_start_needs(kefu: Kefu) -> None:
    kefu.write("kefu.toml", f'[faq]\npath = "{kefu.write("faq.csv", FAQ)}"\n')
    told = kefu("faq", "build").out
    assert "2 entries, 3 ways to ask, found by meaning, wording and sound" in told
    assert "gate              as shipped" in told, "three ways to ask tell too little"
    (kept,) = (kefu.folder / "kefu-data" / "faq-index").glob("*.npz")
    assert str(kept) in told
    before = kept.read_bytes()
    assert kefu("faq", "ask", "运费多少").code == 0
    assert [path.read_bytes() for path in kept.parent.iterdir()] == [before], "it is used, and nothing else is made"


def test_a_question_about_a_file_leaves_nothing_behind(kefu: Kefu) -> None:
    assert kefu("faq", "ask", "运费多少", "--faq", kefu.write("faq.csv", FAQ)).code == 0
    assert [path.name for path in kefu.folder.iterdir()] == ["faq.csv"]


def test_lines_are_answered_as_they_come() -> None:
    """A program that asks and waits for the answer must not wait for ever."""
    reading, writing = os.pipe()
    with open(reading) as stdin, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", stdin)
        lines = arriving(2)
        os.write(writing, "一\n二\n三\nand ".encode())
        assert next(lines) == ["一", "二"]
        assert next(lines) == ["三"]
        os.write(writing, b"so on\n\xff")
        assert next(lines) == ["and so on"]
        os.close(writing)
        assert list(lines) == [["\ufffd"]]


def test_faq_ask(kefu: Kefu, monkeypatch: pytest.MonkeyPatch) -> None:
    file = kefu.write("faq.csv", FAQ)
    assert "满 99 元包邮。" in kefu("faq", "ask", "运费多少", "--faq", file).out
    asked = '{"text": "运费多少"}\n\n{"text": "今天天气如何"}\n{"text": "要付邮费吗？"}\n'
    with kefu.write("asked", asked).open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        lines = [json.loads(line) for line in kefu("faq", "ask", "--faq", file, "--jsonl").out.splitlines()]
    assert [line["id"] for line in lines] == ["fee", None, "fee"]
    assert [line["action"] for line in lines] == ["answer", "miss", "answer"]
    assert lines[0]["candidates"][0]["id"] == "fee"
    with kefu.write("asked", '{"text": "运费多少"}\n{"txt": 1}\n').open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        ended = kefu("faq", "ask", "--faq", file, "--jsonl")
    answers = [json.loads(line) for line in ended.out.splitlines()]
    assert [answer["action"] for answer in answers] == ["answer", "miss"]
    assert "line 2" in answers[1]["error"]


def test_faq_eval(kefu: Kefu) -> None:
    file = kefu.write("faq.csv", FAQ)
    queries = kefu.write("q.csv", "text,id\n运费多少,fee\n几点上班,fee\n今天天气如何,\n")
    out = kefu("faq", "eval", "--faq", file, "--queries", queries).out
    assert "3 (2 in scope, 1 out of scope)" in out
    assert re.search(r"accuracy +50\.0%", out)
    assert "几点上班\tanswer\twanted fee\tfound hours" in out
    assert kefu("faq", "eval", "--faq", file, "--queries", file).code == 1


def test_lint_passes_what_is_shipped_and_names_the_line_of_what_is_not_polite(kefu: Kefu) -> None:
    shipped = kefu("lint")
    assert (shipped.code, shipped.out) == (0, "all is well\n")
    bad = kefu.write("bad.csv", HEAD + "fee,运费多少,不知道，你自己看。,zh-Hans\n")
    ended = kefu("lint", bad)
    assert ended.code == 1
    assert "bad.csv:2: fee:" in ended.out
    kefu.write("kefu.toml", '[faq]\npath = "bad.csv"\n')
    assert kefu("lint").out == ended.out
    assert "neither an FAQ table" in kefu("lint", "none.csv").out


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_check_is_content_with_the_defaults_and_touches_nothing(kefu: Kefu, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEFU_WEB_PORT", str(free_port()))
    ended = kefu("check")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[-1] == "all is well"
    for told in ("settings", "content", "store", "inbox web", "address 127.0.0.1:"):
        assert f"✓ {told}" in ended.out
    assert list(kefu.folder.iterdir()) == []


def test_check_tells_everything_that_is_wrong_with_the_mend(kefu: Kefu) -> None:
    kefu.write("bad.csv", HEAD + "fee,运费多少,不知道。,zh-Hans\n")
    kefu.store(converse)
    kefu.sql("UPDATE alembic_version SET version_num = 'kefu_0000'")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        inbox = '[[inbox]]\nname = "web"\nchannel = "web"\ncolour = "red"\n'
        kefu.write("kefu.toml", f'[web]\nport = {port}\n[faq]\npath = "bad.csv"\n{inbox}')
        ended = kefu("check")
    assert ended.code == 1
    told = [line for line in ended.out.splitlines() if line.startswith("✗")]
    assert len(told) == 4
    assert ended.out.splitlines()[-1] == "4 to mend"
    content, store, inbox, address = told
    assert "bad.csv:2" in content
    assert "kefu migrate" in store
    assert "kefu.toml:8: inbox 'web': there is no option 'colour'" in inbox
    assert "color" in inbox
    assert "choose another" in address


def test_check_says_what_is_wrong_with_the_settings(kefu: Kefu) -> None:
    kefu.write("kefu.toml", "[web]\nprot = 1\n")
    ended = kefu("check")
    assert ended.code == 1
    assert ended.out == "✗ kefu.toml: kefu.toml:2: web.prot is not a setting. Did you mean web.port?\n1 to mend\n"


async def complaints(store: Store) -> None:
    """Two cases: one of an agent's, late, and one that nobody has."""
    place = await converse(store)
    agent = (await store.read(agents.accounts))[0].id
    for cid, tier, due in (("late-one", "critical", "2026-01-02"), ("later-one", "minor", "2999-01-01")):
        filed = cases.Filing(
            cid, tier, {"what": "锅炸了"}, date(2026, 1, 1), datetime.fromisoformat(due).astimezone(UTC)
        )
        await store.write(cases.register, place, agent, filed)
    (newer, _) = (await store.read(cases.alive))[::-1]
    await store.write(cases.change, newer["id"], agent, cases.Wanted(owner=0))


def test_open_cases_are_listed_what_is_due_first(kefu: Kefu) -> None:
    kefu("migrate")
    assert kefu("cases").out == "no open cases\n"
    kefu.store(complaints)
    head, first, second = kefu("cases").out.splitlines()
    assert head.split() == ["number", "tier", "status", "owner", "due", "conversation"]
    assert (first.split()[:4], first.split()[-2:]) == (["260101-1A", "critical", "registered", "小李"], ["late", "1"])
    assert second.split()[:4] == ["260101-1B", "minor", "registered", "-"]
    assert "late" not in second
    told = [json.loads(line) for line in kefu("cases", "--json").out.splitlines()]
    assert [case["fields"] for case in told] == [{"what": "锅炸了"}] * 2
