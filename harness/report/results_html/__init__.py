"""A run as one HTML page, to be read by whoever ports the network.

Without scripts it holds the summary, the list of cases and why each failed; with them, opening a
pair draws its module tree, plots and tables from the data inside the page.
"""

from importlib.resources import files

from harness.report.html import document, tag, text
from harness.report.messages import catalogue
from harness.report.results_html import benchmarks, cases, data, overview
from harness.report.results_html.subjects import numbered
from harness.results import Results

_SCRIPTS = (
    "dom.js", "entries.js", "tables.js", "tree.js", "plots.js", "charts.js", "view.js", "list.js",
)  # fmt: skip


def page(results: Results, lang: str = "en", before: Results | None = None, home: str = "") -> str:
    """The whole page. before: an older run, whose outcomes are set beside.

    home: the folder that the page will lie in, from which bundles are linked.
    """
    say = catalogue(lang)
    subjects = numbered(results, before)
    title = say("Equivalence of torch and MindSpore")
    body = [
        tag("h1", text(title)),
        *overview.header(results, before, subjects, say),
        *cases.section(subjects, before, home, say),
        *benchmarks.section(results.benchmarks, say),
        *overview.left_out(results, say),
    ]
    folder = files(__name__)
    return document(
        title,
        "\n".join(body),
        say,
        styles=[folder / "results.css", folder / "view.css"],
        scripts=[folder / name for name in _SCRIPTS],
        data=data.of(subjects, say),
    )
