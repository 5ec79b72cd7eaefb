"""``doctor`` as one HTML page."""

from harness.health import Health, Lack, Problem
from harness.report import health_words as words
from harness.report.health_problems import said
from harness.report.html import document, filters, table, tag, text
from harness.report.messages import Catalogue

#: Status of a row of the API map, beside those of kernels.
_API = "api"


def page(health: Health, say: Catalogue) -> str:
    """The whole page: the sentence, problems with their fixes, facts, missing kernels."""
    title = say("Health of this installation")
    parts = [
        tag("h1", text(title)),
        tag("p", text(words.summary(health, say))),
        _problems(health.problems, say),
        *(_facts(health, group, name, say) for group, name in words.groups(say).items()),
        _kernels(health, say),
    ]
    return document(title, "\n".join(parts), say)


def _problems(problems: tuple[Problem, ...], say: Catalogue) -> str:
    if not problems:
        return ""
    rows = []
    for problem in problems:
        found = said(problem, say)
        style = "missing" if problem.blocking else "differs"
        fix = text(found.fix)
        if found.command:
            fix += "<br>" + tag("code", text(found.command))
        grade = tag("span", text(words.grade(problem, say)), class_=f"status {style}")
        rows.append(tag("tr", "".join(tag("td", cell) for cell in (grade, text(found.what), fix))))
    heads = ("", say("what is wrong"), say("what mends it"))
    return _section(say("Problems"), _wide(table(heads, rows, class_="problems")))


def _facts(health: Health, group: str, title: str, say: Catalogue) -> str:
    facts = [fact for fact in health.facts if fact.group == group]
    if not facts:
        return ""
    versions = group == "versions"
    rows = []
    for fact in facts:
        has = words.value(fact, say)
        cells = [text(words.name(fact, say)), tag("code", text(has))]
        if versions:
            other = fact.tested and str(fact.value).partition("+")[0] != fact.tested
            cells.append(tag("code", text(fact.tested), class_="differs" if other else ""))
        rows.append(tag("tr", "".join(tag("td", cell) for cell in cells)))
    heads = ["", say("here"), say("tested with")] if versions else ["", ""]
    return _section(title, _wide(table(heads, rows, class_="facts")))


def _kernels(health: Health, say: Catalogue) -> str:
    if not health.lacks and not health.apis:
        return ""
    labels = words.ways(say) | {_API: say("not on {device}", device=health.map_device)}
    counts = {status: sum(lack.way == status for lack in health.lacks) for status in labels}
    counts[_API] = len(health.apis)
    rows = [_kernel(lack, labels[lack.way]) for lack in health.lacks]
    rows += [_row(_API, labels[_API], name, text(note)) for name, note in health.apis.items()]
    heads = ("", say("kernel or torch API"), say("what does not run, or what to use"))
    inside = "".join(
        [
            tag("p", text(words.lacks(health, say))) if health.lacks else "",
            tag("p", text(words.apis(health, say))) if health.apis else "",
            filters(counts, say("filter: kernel, pair, API  (/)"), say, labels=labels),
            _wide(table(heads, rows, class_="kernels")),
        ]
    )
    return _section(say("What {device} has no kernel for", device=health.device), inside)


def _kernel(lack: Lack, label: str) -> str:
    pairs = "<br>".join(tag("code", text(pair)) for pair in lack.pairs)
    return _row(lack.way, label, lack.kernel, pairs)


def _row(status: str, label: str, name: str, more: str) -> str:
    cells = (tag("span", text(label), class_="status missing"), tag("code", text(name)), more)
    return tag("tr", "".join(tag("td", cell) for cell in cells), data_status=status)


def _section(title: str, inside: str) -> str:
    return tag("section", tag("h2", text(title)) + inside)


def _wide(inside: str) -> str:
    """Scrolled by itself where it is wider than the page."""
    return tag("div", inside, class_="scroll", tabindex="0")
