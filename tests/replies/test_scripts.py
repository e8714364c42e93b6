from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import TemplateSyntaxError

from bot.errors import ContentError
from replies.scripts import ENVIRONMENT, MAX_TEXT, Script
from replies.sheets import load_scripts, read_scripts, read_sheets
from replies.situations import DANGERS, HOTLINES, SITUATIONS, WEIBO
from replies.source import CONTENT, line_of
from replies.text import LANGUAGES, Language, clean

SCRIPTS = load_scripts(CONTENT)


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return Path(shutil.copytree(CONTENT, tmp_path / "content"))


def change(content: Path, old: str, new: str, language: str = "en") -> str:
    path = content / language / "scripts.toml"
    source = path.read_text("utf-8")
    assert old in source
    path.write_text(source.replace(old, new, 1), "utf-8")
    return str(path)


def test_every_situation_has_its_variants_in_every_language() -> None:
    scripts = load_scripts(CONTENT)
    for language in LANGUAGES:
        for name, situation in SITUATIONS.items():
            assert scripts.variants(name, language) >= situation.least


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("this is {{ company }}, and", "this is {{ compny }}, and", "greeting: no variable compny"),
        ("{% if name %} {{ name }}{% endif %}", "{% if name %}", "greeting: "),
        ("{{ hello }}{% if name %} {{ name }}{% endif %}", "{{ hello }} {{ name }}", "greeting: name may be empty"),
        ("{% if name %} {{ name }}{% endif %}", "{% if hours %}{{ name }}{% endif %}", "greeting: name may be empty"),
        ("“{{ mark }}”, it matters", "mark, it matters", "rated: {{ mark }} is not said"),
        ("{{ answer }}\\n\\nDoes", "Does", "answer: {{ answer }} is not said"),
        ("returned = [", "returned = 'x'\nreturnd = [", "returned is not a list of texts"),
        ("returned = [", "unheard_of = [", "[scripts] unheard_of is not known"),
        ('human = "Talk', 'humane = "Talk', "[buttons] human is missing"),
        ("[kinds]", "[kind]", "[kinds] is missing"),
        ('asked = "The customer', 'asked = "{{ who }}', "asked: no variable who"),
        ("[brand]", "[brand", "is not TOML"),
        ('company = "Qinghe Living"', 'company = ""', "[brand] company is not a text"),
    ],
)
def test_a_broken_script_stops_loading_with_the_place(content: Path, old: str, new: str, fault: str) -> None:
    path = change(content, old, new)
    with pytest.raises(ContentError) as told:
        load_scripts(content)
    assert any(line.startswith(path + ":") and fault in line for line in str(told.value).splitlines())


GREEDY = [
    ("{{ name.__class__.__mro__ }}", "getattr"),
    ("{{ name['__class__'] }}", "getitem"),
    ("{{ 'x' * 999999999 }}", "mul"),
    ("{{ 9 ** 9 ** 9 }}", "pow"),
    ("{{ '%999999999d' % 1 }}", "mod"),
    ("{% include 'x' %}", "include"),
    ("{% for a in name %}{% for b in name %}{{ name }}{% endfor %}{% endfor %}", "for"),
    ("{% set x = name ~ name %}{% set x = x ~ x %}{{ x }}", "concat"),
    ("{% set x %}{{ name }}{{ name }}{% endset %}{{ x }}", "assignblock"),
    ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "macro"),
    ("{{ name.format(name) }}", "call"),
    ("{{ range(10 ** 9) | list }}", "call"),
    ("{{ name | center(999999999) }}", "center"),
    ("{{ name | replace('', name) }}", "replace"),
    ("{{ [name] }}", "list"),
]


@pytest.mark.parametrize(("text", "what"), GREEDY)
def test_nothing_that_repeats_or_reaches_out_can_stand_in_a_script(content: Path, text: str, what: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="a script cannot use"):
        Script(text)
    change(content, "Nice to see you again.", text)
    with pytest.raises(ContentError, match="greeting_again: a script cannot use"):
        load_scripts(content)
    assert what in str(next(iter(read_scripts(content)[1]))) or what == "call"


@given(st.text(), st.text(), st.sampled_from(LANGUAGES))
def test_whatever_a_customer_or_an_entry_is_called_is_said_and_never_run(
    name: str, answer: str, spoken: Language
) -> None:
    said = SCRIPTS.say("answer", spoken, 0, answer="{{ 7 * 7 }}{% for x in y %}" + answer, name=name)
    assert said.startswith("{{ 7 * 7 }}{% for x in y %}")
    assert clean(said) == said


def test_no_value_makes_a_line_longer_than_can_be_sent() -> None:
    for situation, told in SITUATIONS.items():
        values = dict.fromkeys(told.variables | {"name", "company", "hours"}, "長" * 100_000)
        assert all(len(SCRIPTS.say(situation, language, 0, **values)) <= MAX_TEXT for language in LANGUAGES)


def test_what_a_folder_lacks_is_taken_from_what_is_shipped(content: Path) -> None:
    for name in ("service.toml", "complaints.toml", "customers.toml"):
        (content / "en" / name).unlink()
    change(
        content,
        "returned = [",
        'waiting = ["Ours: {{ position }}", "Ours now: {{ position }}", "{{ position }}"]\nreturned = [',
    )
    scripts = load_scripts(content)
    assert scripts.say("waiting", "en", 0, position="3") == "Ours: 3"
    assert scripts.say("public_praise", "en", 0) == SCRIPTS.say("public_praise", "en", 0)


def test_what_is_shipped_is_whole() -> None:
    for language in LANGUAGES:
        rows = {name for sheet in read_sheets(CONTENT, language) for name in sheet.rows("scripts")}
        assert rows == set(SITUATIONS)


def test_a_situation_on_two_sheets_is_told(content: Path) -> None:
    change(content, "returned = [", 'public_praise = ["a", "b", "c"]\nreturned = [')
    with pytest.raises(ContentError, match=r"service.toml:\d+: \[scripts\] public_praise stands in .*scripts.toml too"):
        load_scripts(content)


@pytest.mark.parametrize(
    ("hour", "hello"), [(5, "早上好"), (12, "中午好"), (17, "下午好"), (22, "晚上好"), (2, "您好")]
)
def test_the_salutation_goes_by_the_clock(hour: int, hello: str) -> None:
    assert SCRIPTS.hello("zh-Hans", hour) == hello
    assert SCRIPTS.say("opening", "zh-Hans", 0, hello=hello, company="青禾") == f"{hello}，感谢联系青禾。"
    assert SCRIPTS.hello("zh-Hans") == "您好"


def test_promises_are_a_line_each_with_who_what_and_when() -> None:
    lines = SCRIPTS.promises("en", [("Li", "calls you", "6 pm today"), ("Wang", "sends it", "Friday")])
    assert lines == "• 6 pm today: Li – calls you\n• Friday: Wang – sends it"
    assert lines in SCRIPTS.say("closing_promises", "en", 0, promises=lines)


def test_no_two_variants_of_a_situation_are_the_same_in_any_language() -> None:
    for language in LANGUAGES:
        for name in SITUATIONS:
            texts = [script.text for script in SCRIPTS.catalogues[language].scripts[name]]
            assert len(set(texts)) == len(texts)


def test_a_public_line_says_nothing_personal_and_fits_into_a_comment() -> None:
    public = [name for name in SITUATIONS if name.startswith("public_")]
    assert len(public) == 8
    for language in LANGUAGES:
        for name in public:
            for variant in range(SCRIPTS.variants(name, language)):
                assert len(SCRIPTS.say(name, language, variant, company="公" * 20, answer="答" * 78)) <= WEIBO
                assert "{{ name }}" not in SCRIPTS.catalogues[language].scripts[name][variant].text


@pytest.mark.parametrize("danger", DANGERS)
def test_every_word_to_somebody_in_danger_names_whom_to_call(danger: str) -> None:
    helpers = ("银行", "報警", "銀行", "报警", "bank", "police", *(f"{{{{ {line} }}}}" for line in HOTLINES))
    for language in LANGUAGES:
        for script in SCRIPTS.catalogues[language].scripts[f"safety_{danger}"]:
            assert any(who in script.text for who in helpers), script.text


def test_a_missing_file_is_told_by_its_name(content: Path) -> None:
    (content / "zh-Hant" / "scripts.toml").unlink()
    with pytest.raises(ContentError, match=r"zh-Hant.*scripts\.toml.*cannot be read"):
        load_scripts(content)


def test_values_are_said_as_they_are_and_never_run(content: Path) -> None:
    scripts = load_scripts(content)
    evil = "{{ 7 * 7 }} {% raw %} <b>"
    said = scripts.say("answer", "en", 0, answer=evil)
    assert said.startswith(evil)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("plain {", "plain {"),
        ("{{ name }}, hello{# not said #}\r\n{{ company }}\n", "{{ hours }}, hello\nACME"),
        ("{% if name %}{{ name|lower }}{% endif %}{% set x = company %}{{ x }}", "{{ hours }}ACME"),
        ("{% raw %}{{ name }}{% endraw %}{{ 'a' }}", "{{ name }}a"),
    ],
)
def test_a_script_says_what_jinja_would(text: str, said: str) -> None:
    values = {"name": "{{ hours }}", "company": "ACME"}
    assert Script(text).say(values) == said == ENVIRONMENT.from_string(text).render(values).strip()


def test_the_line_of_a_value_is_where_staff_would_look() -> None:
    source = '# top\n[buttons]\nyes = "a"\n\n[scripts]\nyes = [\n  "first",\n  "say \\"hi\\"",\n]\nno = ["x"]\n'
    assert line_of(source, "buttons", "yes", "a") == 3
    assert line_of(source, "scripts", "yes", "first") == 7
    assert line_of(source, "scripts", "yes", 'say "hi"') == 8
    assert line_of(source, "scripts", "no", "x") == 10
    assert line_of(source, "scripts", "unknown") == 5
    assert line_of(source, "unknown") == 1
