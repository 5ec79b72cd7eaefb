"""What a run kept as text, in the language of the page."""

import re

from harness.report import failure
from harness.report.messages import LANGUAGES, Catalogue
from harness.report.told import told
from harness.results import Outcome

_REFERENCE = re.compile(r"pytest --pair (\S+) -k ")


def reason(test: Outcome, say: Catalogue) -> str:
    """Why a test did not pass: its verdict's sentence, else the reason that pytest gave."""
    if test.verdict and test.verdict.failed and test.failed:
        return failure.sentence(test.verdict, say)
    return told(test.reason, say)


def text(test: Outcome, say: Catalogue) -> str:
    """A failure's whole text. The page of its case is said again; the rest stays as it is."""
    verdict = test.verdict
    if not (test.text and verdict and verdict.failed):
        return test.text
    named = _REFERENCE.search(test.text)
    reference = named.group(1) if named else ""
    for lang in LANGUAGES:
        page = failure.page(verdict, reference, lang)
        if test.text.startswith(page):
            return failure.page(verdict, reference, say.lang) + test.text[len(page) :]
    return test.text


def lines(problem: str, say: Catalogue) -> str:
    """A problem of several lines, each said with its indent."""
    bodies = ((line, line.lstrip()) for line in problem.splitlines())
    return "\n".join(line[: len(line) - len(body)] + told(body, say) for line, body in bodies)
