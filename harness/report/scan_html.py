"""A scan as one HTML page."""

from harness.apimap.scan import STATUSES, FileScan, Scan, Use
from harness.report.html import css, document, filters, table, tag, text
from harness.report.scan import sentence


def page(scan: Scan) -> str:
    """The whole page."""
    body = [
        tag("h1", text(f"torch in {scan.target}")),
        tag("p", text(sentence(scan))),
        tag(
            "p",
            text(
                f"The API map was run on torch {scan.torch} and mindspore {scan.mindspore}, "
                f"{scan.device}."
            ),
            class_="soft",
        ),
        _summary(scan),
        filters(
            {status: scan.counts[status] for status in STATUSES}, "filter: api, file, code  (/)"
        ),
        *(_file(file) for file in scan.files if file.uses or file.error),
    ]
    return document(f"torch in {scan.target}", "\n".join(body))


def _summary(scan: Scan) -> str:
    rows = [
        tag(
            "tr",
            tag("td", tag("span", text(status), class_=f"status {css(status)}"))
            + "".join(
                tag("td", text(number), class_="number")
                for number in (len(scan.apis[status]), scan.counts[status], scan.calls[status])
            ),
        )
        for status in STATUSES
    ]
    return table(("status", "APIs", "uses", "calls"), rows, class_="summary")


def _file(file: FileScan) -> str:
    inside = tag("h2", text(file.path))
    if file.error:
        inside += tag("p", text(file.error), class_="missing")
    if file.uses:
        rows = [_use(use) for use in file.uses]
        inside += table(("line", "status", "torch, and in MindSpore"), rows, class_="uses")
    return tag("section", inside, class_="file")


def _use(use: Use) -> str:
    code = tag("code", text(use.source or use.api), title=use.api)
    if use.port and use.status != "missing":
        code += "<br>" + tag("code", text(use.port), class_="port")
    notes = [*use.notes, *([use.why] if use.why else []), *([use.guess] if use.guess else [])]
    code += "".join(tag("span", text(note), class_="note") for note in notes)
    code += tag("span", text(use.api), class_="note") if use.api not in use.source else ""
    return tag(
        "tr",
        tag("td", text(use.line), class_="number")
        + tag("td", tag("span", text(use.status), class_=f"status {css(use.status)}"))
        + tag("td", code),
        data_status=use.status,
    )
