"""What is settled when templates are compiled says and escapes the same as before."""

import pytest
from jinja2 import DictLoader, StrictUndefined, UndefinedError
from markupsafe import Markup, escape

from marketplace.web import compiled
from marketplace.web.compiled import Pages
from marketplace.web.render import environment, icon


def pages(**templates: str) -> Pages:
    built = Pages(
        loader=DictLoader({f"{name}.html": text for name, text in templates.items()}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    built.filters["icon"] = built.globals["icon"] = icon
    return built


@pytest.mark.parametrize(
    "value", ["<b>&'\"", Markup("<b>&amp;</b>"), 3, None, 2.5, ["<i>"], "é ’ \x00", ""]
)
def test_values_are_escaped_as_ever(value):
    shown = pages(page="{{ value }}").get_template("page.html").render(value=value)
    assert shown == str(escape(value))


def test_an_icon_named_literally_is_text_of_the_template():
    built = pages(page='{{ icon("mail") }}{{ icon(name) }}{{ icon("phone", css="big") }}')
    shown = built.get_template("page.html").render(name="leaf")
    assert shown == f"{icon('mail')}{icon('leaf')}{icon('phone', css='big')}"
    source, _, _ = built.loader.get_source(built, "page.html")
    assert "#mail" in str(built.compile(source, "page.html", raw=True))


def test_an_icon_that_is_not_there_is_still_an_error():
    with pytest.raises(KeyError):
        pages(page='{{ icon("no-such") }}').get_template("page.html").render()


def test_an_unknown_name_is_still_an_error():
    with pytest.raises(UndefinedError):
        pages(page="{{ nobody }}").get_template("page.html").render()


def test_macros_calls_and_blocks_keep_their_text_and_escape_once():
    built = pages(
        base="<p>{% block a %}{% endblock %}</p>",
        page='{% extends "base.html" %}{% macro box(x) %}[{{ x }}{{ caller() }}]{% endmacro %}'
        "{% block a %}{% set said %}{{ x }}!{% endset %}{% call box(x) %}{{ said }}{% endcall %}"
        "{% endblock %}",
    )
    assert built.get_template("page.html").render(x="<") == "<p>[&lt;&lt;!]</p>"


def test_only_white_space_that_nobody_sees_goes():
    text = "<p>\n      one  two\n\n   {{ x }}   three\n</p>"
    assert pages(page=text).get_template("page.html").render(x="a  b") == (
        "<p>\none two\na  b three\n</p>"
    )
    kept = "<pre>\n    as written</pre>"
    assert pages(page=kept).get_template("page.html").render() == kept


def test_mail_is_left_as_it_is_written():
    source, _, _ = environment().loader.get_source(environment(), "email/base.txt")
    assert "\n\n" in source
    tree = environment()._parse(source, "email/base.txt", None)
    assert "\n\n" in "".join(data.data for data in tree.find_all(_data()))


def _data():
    from jinja2 import nodes

    return nodes.TemplateData


@pytest.fixture
def cache_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(compiled.platformdirs, "user_cache_path", lambda *_, **__: tmp_path)
    compiled.kept.cache_clear()
    yield tmp_path / "pages"
    compiled.kept.cache_clear()


def shown_with_cache(text: str) -> str:
    compiled.kept.cache_clear()
    built = Pages(loader=DictLoader({"a.html": text}), bytecode_cache=compiled.kept())
    return built.get_template("a.html").render()


def test_what_was_compiled_is_read_by_the_next_process(cache_folder, monkeypatch):
    assert shown_with_cache("{{ 1 + 1 }}") == "2"
    monkeypatch.setattr(Pages, "_compile", lambda *_: pytest.fail("it was compiled again"))
    assert shown_with_cache("{{ 1 + 1 }}") == "2"


def test_a_changed_page_or_file_is_compiled_anew(cache_folder, monkeypatch):
    assert shown_with_cache("{{ 1 + 1 }}") == "2"
    assert shown_with_cache("{{ 1 + 2 }}") == "3"
    kept = next(cache_folder.iterdir()).read_bytes()
    monkeypatch.setattr(compiled, "_made_with", lambda: "other files")
    assert shown_with_cache("{{ 1 + 2 }}") == "3"
    assert next(cache_folder.iterdir()).read_bytes() != kept


@pytest.mark.parametrize("half", [0, 20, 60, 90])
def test_half_a_file_is_compiled_anew(cache_folder, half):
    assert shown_with_cache("{{ 1 + 1 }}") == "2"
    (file,) = cache_folder.iterdir()
    file.write_bytes(file.read_bytes()[:half])
    assert shown_with_cache("{{ 1 + 1 }}") == "2"


def test_a_folder_others_may_write_to_is_not_read(cache_folder):
    cache_folder.mkdir()
    cache_folder.chmod(0o777)
    assert compiled.kept() is None


def test_without_a_folder_pages_are_compiled(cache_folder):
    cache_folder.write_text("a file")
    assert compiled.kept() is None
    assert shown_with_cache("{{ 1 + 1 }}") == "2"
