"""Settings: what is read, and that every mistake is told with its place and the mend, and no secret."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from bot import settings
from bot.cases import WITHIN
from bot.errors import SettingsError
from bot.settings import Settings

KINDS = ("web", "telegram", "wechat")


def read(tmp_path: Path, text: str = "", environ: Mapping[str, str] | None = None) -> Settings:
    path = tmp_path / "kefu.toml"
    path.write_text(text, "utf-8")
    return settings.load(path, environ or {}, channels=KINDS)


def refused(tmp_path: Path, text: str = "", environ: Mapping[str, str] | None = None) -> str:
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, text, environ)
    return str(caught.value).replace(f"{tmp_path}/", "")


def test_without_a_file_there_is_a_web_inbox_on_sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = settings.load(None, {}, channels=KINDS)
    assert [(i.name, i.channel, i.options) for i in found.inboxes] == [("web", "web", {})]
    assert found.store.url == f"sqlite:///{tmp_path}/kefu-data/kefu.db"
    assert found.web.url == "http://127.0.0.1:8000"
    assert found.engine.lease_seconds == 30
    assert (found.faq.path, found.content.path) == (None, None)
    assert found.media_folder == tmp_path / "kefu-data/media"


def test_a_whole_file(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """
        [brand]
        company = "小满茶铺"
        languages = ["zh-Hans", "en"]
        [store]
        url = "postgresql://kefu:s3cret@db/kefu"
        [web]
        host = "0.0.0.0"
        port = 9000
        public_url = "https://chat.example.com/"
        [engine]
        sweep_seconds = 1
        [log]
        format = "json"
        personal_data = true
        [faq]
        path = "our/faq.csv"
        [media]
        folder = "files"
        max_megabytes = 5
        [[inbox]]
        name = "shop"
        channel = "web"
        allowed_origins = ["https://shop.example.com"]
        [[inbox]]
        name = "gong-zhong-hao"
        channel = "wechat"
        """,
    )
    assert found.brand.company == "小满茶铺"
    assert found.brand.languages == ("zh-Hans", "en")
    assert found.store.url == "postgresql://kefu:s3cret@db/kefu"
    assert found.web.url == "https://chat.example.com"
    assert found.engine.sweep_seconds == 1.0
    assert found.log.personal_data is True
    assert found.faq.path == tmp_path / "our/faq.csv"
    assert (found.media_folder, found.media.max_megabytes) == (tmp_path / "files", 5)
    assert [i.name for i in found.inboxes] == ["shop", "gong-zhong-hao"]
    assert found.inboxes[0].options == {"allowed_origins": ["https://shop.example.com"]}
    assert found.inboxes[0].place("allowed_origins").endswith("kefu.toml:24")
    assert found.inboxes[1].place().endswith("kefu.toml:25")


@pytest.mark.parametrize(
    ("host", "url"),
    [("0.0.0.0", "http://127.0.0.1:8000"), ("::", "http://[::1]:8000"), ("kefu.lan", "http://kefu.lan:8000")],
)
def test_the_url_is_one_a_browser_can_open(tmp_path: Path, host: str, url: str) -> None:
    assert read(tmp_path, f'[web]\nhost = "{host}"').web.url == url


def test_every_key_is_a_variable_too_and_the_variable_wins(tmp_path: Path) -> None:
    environ = {
        "KEFU_WEB_PORT": "9001",
        "KEFU_STORE_URL": "sqlite:////var/lib/kefu.db",
        "KEFU_BRAND_LANGUAGES": "en, zh-Hant",
        "KEFU_LOG_PERSONAL_DATA": "yes",
        "KEFU_ENGINE_REOPEN_HOURS": "1.5",
        "KEFU_BRAND_COMPANY": "",  # set to nothing: as good as not set
        "KEFU_CONFIG": "elsewhere.toml",
        "PATH": "/bin",
    }
    found = read(tmp_path, '[web]\nport = 9000\n[brand]\ncompany = "Shop"', environ)
    assert found.web.port == 9001
    assert found.store.url == "sqlite:////var/lib/kefu.db"
    assert found.brand.languages == ("en", "zh-Hant")
    assert found.log.personal_data is True
    assert found.engine.reopen_hours == 1.5
    assert found.brand.company == "Shop"


def test_by_when_cases_are_answered_is_set_in_hours(tmp_path: Path) -> None:
    assert Settings().cases.within == WITHIN
    found = read(tmp_path, "[cases]\nserious = 2\nminor = 0.5", {"KEFU_CASES_MODERATE": "48"})
    hours = {tier: within / timedelta(hours=1) for tier, within in found.cases.within.items()}
    assert hours == {"critical": 1, "serious": 2, "moderate": 48, "minor": 0.5}
    assert "cases.critical" in refused(tmp_path, "[cases]\ncritical = 0")


def test_inbox_options_as_variables(tmp_path: Path) -> None:
    text = '[[inbox]]\nname = "a"\nchannel = "web"\n[[inbox]]\nname = "a-b"\nchannel = "telegram"\ntoken = "old"'
    environ = {
        "KEFU_INBOX_A_ALLOWED_ORIGINS": '["https://a.example"]',
        "KEFU_INBOX_A_B_TOKEN": "123:new",
        "KEFU_INBOX_A_B_LIMIT": "20",
        "KEFU_INBOX_A_B_STRICT": "true",
        "KEFU_INBOX_A_B_PHONE": "+8610",
        "KEFU_INBOX_A_B_PIN": '"0042"',
    }
    first, second = read(tmp_path, text, environ).inboxes
    assert first.options == {"allowed_origins": ["https://a.example"]}
    assert second.options == {"token": "123:new", "limit": 20, "strict": True, "phone": "+8610", "pin": "0042"}
    assert second.place("token") == "KEFU_INBOX_A_B_TOKEN"


def test_an_inbox_made_of_variables_alone(tmp_path: Path) -> None:
    environ = {"KEFU_INBOX_BOT_CHANNEL": "telegram", "KEFU_INBOX_BOT_TOKEN": "env:TOKEN", "TOKEN": "1:x"}
    (inbox,) = read(tmp_path, "", environ).inboxes
    assert (inbox.name, inbox.channel, inbox.options) == ("bot", "telegram", {"token": "1:x"})


def test_secrets_are_fetched_and_never_shown(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-file\n", "utf-8")
    text = """
    [store]
    url = "env:DATABASE"
    [[inbox]]
    name = "tg"
    channel = "telegram"
    token = "file:token"
    proxy = { password = "env:PROXY" }
    """
    found = read(tmp_path, text, {"DATABASE": "postgresql://u:hidden@h/d", "PROXY": "hidden too"})
    assert found.store.url == "postgresql://u:hidden@h/d"
    assert found.inboxes[0].options == {"token": "from-file", "proxy": {"password": "hidden too"}}
    for secret in ("hidden", "from-file"):
        assert secret not in repr(found)


def test_a_secret_that_is_nonsense_is_refused_without_being_told(tmp_path: Path) -> None:
    told = refused(tmp_path, '[store]\nurl = "mysql://u:hidden@h"\n[web]\nport = "env:P"', {"P": "hidden"})
    assert told.splitlines() == [
        "kefu.toml:2: store.url must be sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME.",
        "kefu.toml:4: web.port must be a whole number from 1 to 65535.",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[web]\nhost='::'\n\nprot = 1", "kefu.toml:4: web.prot is not a setting. Did you mean web.port?"),
        ("[wbe]\nport = 1", "kefu.toml:1: wbe is not a section. Did you mean web?"),
        ("web.port = 70000", "kefu.toml:1: web.port must be a whole number from 1 to 65535, not 70000."),
        ("web = { port = 0 }", "kefu.toml:1: web.port must be a whole number from 1 to 65535, not 0."),
        ("[web]\n'port' = '80'", "kefu.toml:2: web.port must be a whole number from 1 to 65535, not '80'."),
        ("[web]\nport = true", "kefu.toml:2: web.port must be a whole number from 1 to 65535, not True."),
        ("[engine]\nturns = nan", "kefu.toml:2: engine.turns must be a whole number from 1 to 1000, not nan."),
        ("[engine]\nreopen_hours = nan", "kefu.toml:2: engine.reopen_hours must be a number from 0 to 8760, not nan."),
        ("[log]\nlevel = 'loud'", "kefu.toml:2: log.level must be one of debug, info, warning, error, not 'loud'."),
        ("[log]\npersonal_data = 1", "kefu.toml:2: log.personal_data must be true or false, not 1."),
        ("[brand]\nlanguages = []", "kefu.toml:2: brand.languages must be a list of zh-Hans, zh-Hant, en, not []."),
        ("[brand]\ncompany = ' '", "kefu.toml:2: brand.company must be a name, not ' '."),
        (
            "[brand]\ntimezone = 'Asia/Peking'",
            "kefu.toml:2: brand.timezone must be a time zone like Asia/Taipei or Europe/London, not 'Asia/Peking'.",
        ),
        (
            "[brand]\ntimezone = 8",
            "kefu.toml:2: brand.timezone must be a time zone like Asia/Taipei or Europe/London, not 8.",
        ),
        ("[faq]\npath = 3", "kefu.toml:2: faq.path must be a path, not 3."),
        ("web = 5", "kefu.toml:1: web must be a section. Write [web] on a line of its own."),
        ("[inbox]\nname = 'a'", "kefu.toml:1: inbox must be a list. Write [[inbox]], with two brackets."),
        ("[[inbox]]\nname = 'a'", "kefu.toml:1: inbox 'a' has no channel. Add: channel = \"web\""),
        (
            "[[inbox]]\nchannel = 'web'\nname = 'Web!'",
            "kefu.toml:3: inbox.name must be small letters, digits, - and _, at most 32, beginning with a letter or"
            " digit, not 'Web!'.",
        ),
        (
            "[[inbox]]\nname='a-b'\nchannel='web'\n[[inbox]]\nname='a_b'\nchannel='web'",
            "kefu.toml:5: there is an inbox called 'a_b' already. Give each its own name.",
        ),
        (
            "[[inbox]]\nname='a'\n# the kind\nchannel='wechta'",
            "kefu.toml:4: wechta is not a channel. Did you mean wechat?",
        ),
        (
            "[[inbox]]\nname='a'\nchannel='telegram'\ntoken='env:NOT_THERE'",
            "kefu.toml:4: the variable NOT_THERE is not set. Set it, or write the value here.",
        ),
        (
            "[[inbox]]\nname='a'\nchannel='telegram'\ntoken='file:nowhere'",
            "kefu.toml:4: the file nowhere cannot be read. Check its path and permissions.",
        ),
        ("[web]\nport = ", "kefu.toml:2: not TOML: Invalid value. Text stands in quotes, lists in [ ]."),
        ("[store]\nurl = 'sqlite:///:memory:'", "kefu.toml:2: store.url must be sqlite:///PATH or postgresql://"
         "USER:PASSWORD@HOST/NAME."),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line_and_the_mend(tmp_path: Path, text: str, told: str) -> None:
    assert refused(tmp_path, text) == told


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"KEFU_WEB_PROT": "1"}, "KEFU_WEB_PROT: KEFU_WEB_PROT is not a variable. Did you mean KEFU_WEB_PORT?"),
        ({"KEFU_WEB_PORT": "x"}, "KEFU_WEB_PORT: web.port must be a whole number from 1 to 65535, not 'x'."),
        ({"KEFU_INBOX_BOT_CHANNEL": "icq"}, "KEFU_INBOX_BOT_CHANNEL: icq is not a channel."),
    ],
)
def test_a_mistake_in_a_variable_names_the_variable(tmp_path: Path, environ: dict[str, str], told: str) -> None:
    assert refused(tmp_path, "", environ).startswith(told)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    told = refused(tmp_path, "[web]\nport = 0\nhots = 'x'\n[log]\nlevel = 'x'", {"KEFU_NONSENSE": "1"})
    assert len(told.splitlines()) == 4


def test_what_kubernetes_puts_there_is_no_mistake(tmp_path: Path) -> None:
    environ = {
        "KEFU_SERVICE_HOST": "10.0.0.1",
        "KEFU_SERVICE_PORT_HTTP": "80",
        "KEFU_PORT": "tcp://10.0.0.1:80",
        "KEFU_PORT_80_TCP_ADDR": "10.0.0.1",
        "KEFU_WEB_PORT": "tcp://10.0.0.1:80",  # of a service called kefu-web
    }
    assert read(tmp_path, "", environ).web.port == 8000


def test_a_missing_or_foreign_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no\.toml: no such file\. Write it"):
        settings.load(tmp_path / "no.toml", {})
    path = tmp_path / "kefu.toml"
    path.write_bytes("[brand]\ncompany = '小店'".encode("gb18030"))
    with pytest.raises(SettingsError, match=r"kefu\.toml:2: not UTF-8"):
        settings.load(path, {})
    path.write_bytes(b"\xef\xbb\xbf[web]\nport = 81")  # Windows Notepad's mark
    assert settings.load(path, {}).web.port == 81


def test_relative_paths_start_from_the_file(tmp_path: Path) -> None:
    found = read(tmp_path, '[store]\nurl = "sqlite:///data/k.db"')
    assert found.store.url == f"sqlite:///{tmp_path}/data/k.db"
    assert found.folder == tmp_path


def test_models_are_off_until_they_have_an_address_and_their_key_stays_secret(tmp_path: Path) -> None:
    assert read(tmp_path, "").models_chat.base_url == ""
    text = """
        [models.chat]
        base_url = "https://models.example.com/v1"
        api_key = "env:MODEL_KEY"
        model = "small"
        within = 0.8

        [models.embeddings]
        base_url = "http://127.0.0.1:9/v1"
    """
    environ = {"MODEL_KEY": "sk-secret", "KEFU_MODELS_EMBEDDINGS_MODEL": "e5"}
    found = read(tmp_path, text, environ)
    assert (found.models_chat.api_key, found.models_chat.within) == ("sk-secret", 0.8)
    assert found.models_embeddings.model == "e5"
    assert "sk-secret" not in repr(found)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[models.chat]\nwithin = 60", "kefu.toml:2: models.chat.within must be a number from 0.05 to 10, not 60."),
        ('[models.chat]\nbase_url = "models"', "kefu.toml:2: models.chat.base_url must be an address like"),
        ("[models.chat]\nkey = 'x'", "kefu.toml:2: models.chat.key is not a setting."),
        ("[models.speech]\nmodel = 'x'", "kefu.toml:1: models.speech is not a section."),
    ],
)
def test_a_mistake_about_models_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    assert refused(tmp_path, text).startswith(told)
