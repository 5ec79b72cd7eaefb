"""The page of a run in a real browser: headless Chromium, from disk, without a network."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from report_runs import failing, large, mixed, outcome_of, passing, run

from harness.apimap.scan import scan
from harness.report import scan_html
from harness.report.results_html import page
from harness.results import Outcome, Results
from harness.verdict import ModuleRow, Verdict

HOSTILE = """</script><img src=x onerror="document.title='hurt'"><script>alert(1)</script>"'&"""

#: Opens a page from disk; the keywords are those of a browser context.
Open = Callable[..., Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium, of the system's own or of CHROMIUM."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if not found:
        pytest.skip("no browser: install chromium (apt-get install chromium) or set CHROMIUM to it")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as driver:
        # A container's root has no user namespace to put its sandbox in.
        started = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Any, tmp_path: Path) -> Iterator[Open]:
    """Opens a page; at the end the console was silent, and nothing but the page was asked for."""
    heard: list[str] = []
    contexts = []

    def opened(html: str, **context: Any) -> Any:
        file = tmp_path / f"page{len(contexts)}.html"
        file.write_text(html, encoding="utf-8")
        contexts.append(
            browser.new_context(**{"viewport": {"width": 1200, "height": 900}} | context)
        )
        found = contexts[-1].new_page()
        found.on("console", lambda message: heard.append(f"console: {message.text}"))
        found.on("pageerror", lambda error: heard.append(f"error: {error}"))
        found.on("dialog", lambda dialog: (heard.append("a dialog"), dialog.dismiss()))
        found.on("request", lambda request: request.url.partition("#")[0] == file.as_uri()
                 or heard.append(f"asked for {request.url}"))  # fmt: skip
        found.goto(file.as_uri())
        return found

    yield opened
    for context in contexts:
        context.close()
    assert heard == []


def _open_all(opened: Any) -> None:
    opened.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    # Drawings wait for their place to be measured. The page's policy lets nothing poll by eval.
    opened.evaluate(
        """async () => {
          const drawn = () =>
            [...document.querySelectorAll(".view")].every((at) => at.firstChild) &&
            [...document.querySelectorAll("figure .scroll")].every((at) => at.firstChild);
          while (!drawn()) await new Promise(requestAnimationFrame);
        }"""
    )


RUNS = {"passing": lambda: run(passing()), "failing": mixed}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [390, 1400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("made", RUNS.values(), ids=RUNS)
def test_every_part_is_drawn_in_silence_and_within_the_width(
    open_page: Open, made: Callable[[], Results], scheme: Any, width: int, lang: str
) -> None:
    opened = open_page(
        page(made(), lang), color_scheme=scheme, viewport={"width": width, "height": 844}
    )
    _open_all(opened)
    assert opened.locator(".view").count() == opened.locator(".view:has(.part)").count()
    assert opened.locator(".tree [role=row]").count() >= 8
    assert opened.locator("svg.plot").count() >= 3
    wide = opened.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0


def test_the_view_of_a_wrong_pair_shows_what_is_wrong(open_page: Open) -> None:
    opened = open_page(page(mixed()))
    opened.locator("a", has_text="networks.wrong:default").click()
    view = opened.locator("details[data-group='networks.wrong:default'] .view")
    row = view.locator(".tree tr", has_text="bn1").first
    assert "wrong alone" in row.inner_text() and "▲ 4200" in row.inner_text()
    assert view.locator(".tree .out3").count() >= 2  # the module and what it lies in
    assert view.locator(".failure").inner_text().count("eps: torch 1e-05, MindSpore 0.001") == 1
    view.locator("svg text.starts").first.wait_for()
    text = view.inner_text()
    for said in ("Settings that differ", "layer1.0.bn1.gamma", "a counter", "[1, 2]", "0.333333",
                 "MindSpore only: flatten", "python -m harness replay bundles/wrong"):  # fmt: skip
        assert said in text, said


def test_states_and_words_filter_the_list(open_page: Open) -> None:
    opened = open_page(page(mixed()))
    shown = opened.locator(".filters output")
    assert shown.inner_text() == "9 of 9 shown"
    opened.locator("input[value=passed]").uncheck()
    assert shown.inner_text() == "5 of 9 shown"
    assert opened.locator("details.subject:visible").count() == 3
    opened.keyboard.press("/")
    opened.keyboard.type("wrong free_running")
    assert shown.inner_text() == "1 of 9 shown"
    assert opened.locator("section.kind:visible h2").all_inner_texts() == ["Training recipes"]
    opened.locator(".filters input[type=search]").fill("networks.wrong:default-forward_eval-pyn")
    assert shown.inner_text() == "1 of 9 shown"
    opened.locator(".filters input[type=search]").fill("nowhere")
    assert shown.inner_text() == "0 of 9 shown"


def test_only_what_changed_is_shown(open_page: Open) -> None:
    older = run(passing("networks.wrong:default"))
    opened = open_page(page(mixed(), before=older))
    opened.locator("input[name=only]").check()
    assert opened.locator(".filters output").inner_text() == "2 of 9 shown"


def test_pairs_are_sorted_by_their_worst_ratio(open_page: Open) -> None:
    opened = open_page(page(mixed()))
    names = opened.locator("section.kind").first.locator("details.subject h3")
    assert names.all_inner_texts() == ["networks.right:default", "networks.wrong:default"]
    opened.locator("select[name=sort]").select_option("worst")
    assert names.all_inner_texts() == ["networks.wrong:default", "networks.right:default"]
    opened.locator("select[name=sort]").select_option("run")
    assert names.all_inner_texts() == ["networks.right:default", "networks.wrong:default"]


def test_the_tree_is_walked_with_the_keyboard(open_page: Open) -> None:
    opened = open_page(page(run(passing())))
    here = "document.activeElement.title"
    opened.locator(".tree [role=row][tabindex='0']").focus()
    keys = {
        "ArrowDown": "conv1", "End": "fc", "ArrowUp": "layer1.0.bn1", "ArrowLeft": "layer1.0",
        "Home": "(the whole)", "ArrowRight": "conv1",
    }  # fmt: skip
    for key, path in keys.items():
        opened.keyboard.press(key)
        assert opened.evaluate(here) == path, key
    opened.keyboard.press("Enter")
    assert opened.locator(".part > h5").inner_text() == "Entries of conv1"
    assert opened.locator(".panel tbody tr").count() == 2
    assert opened.locator(".tree [role=row][tabindex='0']").count() == 1

    opened.locator(".tree tr[title='layer1']").focus()
    opened.keyboard.press("ArrowLeft")
    assert opened.locator(".tree tr[title='layer1.0']").is_hidden()
    assert opened.evaluate("document.activeElement.getAttribute('aria-expanded')") == "false"
    opened.keyboard.press("ArrowRight")
    assert opened.locator(".tree tr[title='layer1.0']").is_visible()


def test_a_plot_is_read_with_the_keyboard(open_page: Open) -> None:
    opened = open_page(page(mixed()))
    opened.locator("a", has_text="networks.wrong:default").click()
    figure = opened.locator("figure", has_text="Where the whole network starts").first
    figure.locator("svg.plot").focus()
    opened.keyboard.press("Home")
    opened.keyboard.press("ArrowRight")
    said = figure.locator(".readout").inner_text()
    assert said == "bn1: e 3.0e-3, r 1.0e-6, e/r 3000 – starts here"


def test_everything_is_reached_by_tab_and_has_a_name(open_page: Open) -> None:
    opened = open_page(page(mixed()))
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.className") == "skip"
    opened.keyboard.press("Enter")
    assert opened.evaluate("document.activeElement.id") == "content"
    _open_all(opened)
    nameless = opened.evaluate(
        """[...document.querySelectorAll("button, input, select, a, [tabindex='0']")].filter(
          (at) => !at.textContent.trim() && !at.ariaLabel && !at.closest("label")).length"""
    )
    assert nameless == 0


def test_the_theme_follows_the_system_and_the_button(open_page: Open) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    for scheme, own, other in (
        ("light", "rgb(255, 255, 255)", "rgb(17, 19, 21)"),
        ("dark", "rgb(17, 19, 21)", "rgb(255, 255, 255)"),
    ):
        opened = open_page(page(mixed()), color_scheme=scheme)
        assert opened.evaluate(ground) == own
        opened.locator("#theme").click()
        assert opened.evaluate(ground) == other


_CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (colours) => {
    canvas.fillStyle = "#fff";
    canvas.fillRect(0, 0, 1, 1);
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((v) => v / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  for (const at of document.querySelectorAll(".status, .soft, .note, .heat, .badge, a, dt, th")) {
    const grounds = [];
    for (let above = at; above; above = above.parentElement)
      grounds.unshift(getComputedStyle(above).backgroundColor);
    const pair = [light(rgb(grounds)), light(rgb([getComputedStyle(at).color]))];
    const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    found.push([ratio, `${at.className} ${at.textContent}`]);
  }
  return found.filter(([ratio]) => ratio < 4.5);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_their_ground(open_page: Open, scheme: Any) -> None:
    opened = open_page(page(mixed()), color_scheme=scheme)
    _open_all(opened)
    assert opened.evaluate(_CONTRAST) == []


def test_hostile_names_are_shown_and_never_run(open_page: Open) -> None:
    pair = f"networks.{HOSTILE}:default"
    tree = Verdict(f"{pair}-structure-pynative-f32", "structure", 0,
                   modules=(ModuleRow("", HOSTILE, HOSTILE), ModuleRow(HOSTILE, HOSTILE, "")),
                   notes=(HOSTILE,), compared=2)  # fmt: skip
    tests = [outcome_of(tree), *failing(pair)[1:], Outcome(HOSTILE, "error", 0.0, HOSTILE, HOSTILE)]
    opened = open_page(page(run(tests, left_out={HOSTILE: HOSTILE})))
    _open_all(opened)
    assert opened.title() == "Equivalence of torch and MindSpore"
    assert opened.locator("img").count() == 0
    assert opened.locator(".view").first.inner_text().count(HOSTILE) >= 3


def test_the_list_and_its_reasons_need_no_scripts(open_page: Open) -> None:
    opened = open_page(page(mixed()), java_script_enabled=False)
    assert "3 of 9 tests failed" in opened.locator(".verdict").inner_text()
    opened.locator("details[data-group='networks.wrong:default'] > summary").click()
    assert opened.get_by_text("The two networks disagree in eval mode.").is_visible()
    assert opened.locator("#theme").is_hidden()  # it could do nothing


def test_the_scans_page_filters_too(open_page: Open, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("import torch\ntorch.nn.Linear(2, 3)\ntorch.nn.NoSuch()\n")
    opened = open_page(scan_html.page(scan(str(tmp_path))))
    shown = opened.locator(".filters output")
    before = shown.inner_text()
    opened.locator(".filters input[type=search]").fill("Linear")
    assert shown.inner_text() == f"1 {before.partition(' ')[2]}"


def _filter_cost(opened: Any) -> float:
    """Milliseconds of ten filterings, the least of several times."""
    return opened.evaluate(
        """() => {
          const search = document.querySelector(".filters input[type=search]");
          const once = (word) => {
            search.value = word;
            search.dispatchEvent(new Event("input", { bubbles: true }));
            document.body.offsetHeight;
          };
          const ten = () => {
            const began = performance.now();
            for (let n = 0; n < 5; n += 1) { once("state"); once("forward"); }
            return performance.now() - began;
          };
          return Math.min(...Array.from({ length: 8 }, ten));
        }"""
    )


def test_two_thousand_cases_and_five_hundred_modules_stay_usable(open_page: Open) -> None:
    small = open_page(page(large(50, 500, 30_000)))
    opened = open_page(page(large(500, 500, 300_000)))
    # Ten times the cases at about ten times the cost; a search that is quadratic takes 100 times.
    assert _filter_cost(opened) < 50 * _filter_cost(small)
    assert opened.locator(".filters output").inner_text() == "1001 of 2002 shown"
    opened.locator(".filters input[type=search]").fill("blocks.b77: backward")
    assert opened.locator(".filters output").inner_text() == "1 of 2002 shown"

    opened.locator(".filters input[type=search]").fill("deep")
    opened.locator("details.subject:visible > summary").click()
    rows = opened.locator(".tree [role=row]")
    rows.first.wait_for()
    assert rows.count() == 500
    opened.locator(".view input[type=search]").first.fill("layer3.77")
    assert opened.locator(".tree [role=row]:visible").count() == 3  # the root, layer3 and it
