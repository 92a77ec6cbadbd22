"""What is settled when templates are compiled says and escapes the same as before."""

import pytest
from jinja2 import DictLoader, StrictUndefined, UndefinedError
from markupsafe import Markup, escape

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
