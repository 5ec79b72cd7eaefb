"""One self-contained page: no network, opens from disk, light and dark, filtered as one types."""

from collections.abc import Iterable, Mapping
from html import escape
from importlib.resources import files
from string import Template


def document(title: str, body: str) -> str:
    """A whole HTML document around a body; ``body`` is markup, ``title`` is text."""
    folder = files("harness.report")
    return Template((folder / "page.html").read_text(encoding="utf-8")).substitute(
        title=escape(title),
        style=(folder / "page.css").read_text(encoding="utf-8"),
        script=(folder / "page.js").read_text(encoding="utf-8"),
        body=body,
    )


def tag(name: str, content: str = "", **attributes: str | bool) -> str:
    """An element; ``content`` is markup, attribute values are text. True is a bare attribute."""
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escape(value)}"')
        for key, value in attributes.items()
        if isinstance(value, str) or value
    )
    return f"<{name}{written}>{content}</{name}>"


def text(value: object) -> str:
    """Text as markup."""
    return escape(str(value))


def table(heads: Iterable[str], rows: Iterable[str], **attributes: str | bool) -> str:
    """A table of rows that are markup already."""
    head = tag("tr", "".join(tag("th", text(h), scope="col") for h in heads))
    return tag("table", tag("thead", head) + tag("tbody", "\n".join(rows)), **attributes)


def filters(choices: Mapping[str, int], placeholder: str) -> str:
    """A search box and a checkbox for each status, which hide rows that carry others.

    Rows are elements with ``data-status``; what is searched is their text.
    """
    boxes = "".join(
        tag(
            "label",
            f'<input type="checkbox" checked value="{escape(status)}"> '
            + tag("span", text(status), class_=f"status {css(status)}")
            + f" {number}",
        )
        for status, number in choices.items()
        if number
    )
    search = (
        f'<input type="search" placeholder="{escape(placeholder)}" '
        f'aria-label="{escape(placeholder)}">'
    )
    shown = tag("output", "", aria_live="polite")
    return tag("form", search + boxes + shown, class_="filters", role="search")


def css(status: str) -> str:
    """A status as the name of a style."""
    return status.lower().replace(" ", "-")
