"""A scan as one HTML page."""

from harness.apimap.scan import STATUSES, FileScan, Scan, Use
from harness.report.html import css, document, filters, table, tag, text
from harness.report.messages import Catalogue, catalogue
from harness.report.scan import sentence


def page(scan: Scan, lang: str = "en") -> str:
    """The whole page."""
    say = catalogue(lang)
    title = say("torch in {target}", target=scan.target)
    run_on = say(
        "The API map was run on torch {torch} and mindspore {mindspore}, {device}.",
        torch=scan.torch,
        mindspore=scan.mindspore,
        device=scan.device,
    )
    body = [
        tag("h1", text(title)),
        tag("p", text(sentence(scan))),
        tag("p", text(run_on), class_="soft"),
        _summary(scan, say),
        filters(
            {status: scan.counts[status] for status in STATUSES},
            say("filter: api, file, code  (/)"),
            say,
        ),
        *(_file(file, say) for file in scan.files if file.uses or file.error),
    ]
    return document(title, "\n".join(body), say)


def _summary(scan: Scan, say: Catalogue) -> str:
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
    heads = (say("status"), say("APIs"), say("uses"), say("calls"))
    return table(heads, rows, class_="summary")


def _file(file: FileScan, say: Catalogue) -> str:
    inside = tag("h2", text(file.path))
    if file.error:
        inside += tag("p", text(file.error), class_="missing")
    if file.uses:
        rows = [_use(use) for use in file.uses]
        heads = (say("line"), say("status"), say("torch, and in MindSpore"))
        inside += table(heads, rows, class_="uses")
    return tag("section", inside, data_group=file.path)


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
