from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.errors import ContentError
from replies.scripts import ENVIRONMENT, SITUATIONS, Script, load_scripts
from replies.source import CONTENT, line_of
from replies.text import LANGUAGES


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
        ("Hello{% if name %}", "Hello{{ name.__class__.__mro__ }}{% if name %}", "greeting: cannot be rendered"),
        ("Hello{% if name %}", "Hello{{ 'x' * 999999999 }}{% if name %}", "greeting: cannot be rendered"),
        ("Hello{% if name %}", "Hello{% include 'x' %}{% if name %}", "greeting: cannot be rendered"),
        ("{{ answer }}\\n\\nDoes", "Does", "answer: the answer itself is missing"),
        ("returned = [", "returned = 'x'\nreturnd = [", "returned is not a list of texts"),
        ("returned = [", "unheard_of = [", "[scripts] unheard_of is not known"),
        ("returned = [", "unheard_of = [", "[scripts] returned is missing"),
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


def test_a_missing_file_is_told_by_its_name(content: Path) -> None:
    (content / "zh-Hant" / "scripts.toml").unlink()
    with pytest.raises(ContentError, match=r"zh-Hant.*scripts\.toml.*cannot be read"):
        load_scripts(content)


def test_values_are_said_as_they_are_and_never_run(content: Path) -> None:
    scripts = load_scripts(content)
    evil = "{{ 7 * 7 }} {% raw %} <b>"
    said = scripts.say("answer", "en", 0, company="", hours="", name="", answer=evil)
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
