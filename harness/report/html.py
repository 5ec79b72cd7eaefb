"""One self-contained page: no network, opens from disk, light and dark, filtered as one types."""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Template
from typing import Any

from harness.report.messages import Catalogue

#: Ids of the page's elements that hold data for its scripts.
DATA = "data"


def document(
    title: str,
    body: str,
    say: Catalogue,
    *,
    styles: Sequence[Traversable] = (),
    scripts: Sequence[Traversable] = (),
    data: Any = None,
) -> str:
    """A whole HTML document around a body; ``body`` is markup, ``title`` is text.

    styles, scripts: files added to the page's own. data: what scripts find as JSON in the element
    DATA. The page's policy allows these very styles and scripts, and to load nothing.
    """
    folder = files("harness.report")
    style = _joined([folder / "page.css", *styles])
    script = _joined([folder / "page.js", *scripts])
    return Template((folder / "page.html").read_text(encoding="utf-8")).substitute(
        lang=say.tag,
        policy=f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'",
        title=escape(title),
        skip=escape(say("Skip to the content")),
        theme=escape(say("Light / dark")),
        style=style,
        script=script,
        body=body,
        data="" if data is None else _embedded(data),
    )


def _joined(parts: Sequence[Traversable]) -> str:
    return "\n" + "\n".join(part.read_text(encoding="utf-8") for part in parts)


def _hash(source: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"


def _embedded(data: Any) -> str:
    """JSON that no browser reads as markup."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    text = text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return f'<script type="application/json" id="{DATA}">{text}</script>'


def tag(name: str, content: str = "", /, **attributes: str | bool) -> str:
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


def filters(
    choices: Mapping[str, int],
    placeholder: str,
    say: Catalogue,
    *,
    labels: Mapping[str, str] | None = None,
    more: str = "",
) -> str:
    """A search box and a checkbox for each status, which hide rows that carry others.

    Rows are elements with ``data-status``; what is searched is their text. labels: what a status
    is called, where that is not its own name. more: markup of further controls.
    """
    boxes = "".join(
        tag(
            "label",
            f'<input type="checkbox" name="status" checked value="{escape(status)}"> '
            + tag("span", text((labels or {}).get(status, status)), class_=f"status {css(status)}")
            + f" {number}",
        )
        for status, number in choices.items()
        if number
    )
    search = (
        f'<input type="search" placeholder="{escape(placeholder)}" '
        f'aria-label="{escape(placeholder)}">'
    )
    message = say("{shown} of {all} shown", shown="{shown}", all="{all}")
    shown = tag("output", "", aria_live="polite", data_message=message)
    return tag("form", search + boxes + more + shown, class_="filters", role="search")


def css(status: str) -> str:
    """A status as the name of a style."""
    return status.lower().replace(" ", "-")
