"""The page of a run as text: what it says, what its scripts are given, what can never be in it."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from report_runs import failing, large, mixed, outcome_of, passing, run

import harness.report.results_html as results_html
from harness import Input, Pair, check_pair
from harness.report import failure, files
from harness.report.html import DATA
from harness.report.messages import catalogue
from harness.report.results_html import labels, page
from harness.report.results_html.subjects import STATES, numbered
from harness.results import Outcome
from harness.verdict import ModuleRow, Setting, Verdict

FOLDER = Path(results_html.__file__).parent
HOSTILE = """</script><script>alert(1)</script>"'&<b>"""


def _data(html: str) -> Any:
    found = re.search(rf'<script type="application/json" id="{DATA}">(.*?)</script>', html, re.S)
    assert found
    return json.loads(found.group(1))


def test_the_page_leads_with_one_sentence() -> None:
    assert (
        "3 of 9 tests failed, in 3 of 4 groups; 4 passed, 46 entries compared (1 blocked; "
        "1 skipped; of the entries 1 inconclusive)."
    ) in page(mixed())
    assert (
        "Equivalent: 3 tests passed over 1 pair, 24 entries compared, none that decides is further "
        "from float64 than 30 times torch&#x27;s own float32 error."
    ) in page(run(passing()))


def test_a_run_without_a_comparison_is_not_called_equivalent() -> None:
    only = run([Outcome("tests/test_cli.py::test_help", "passed", 0.1)])
    assert "1 tests passed; none compared entries." in page(only)
    stopped = replace(run(passing()), exit=1)
    assert "ended with exit code 1 and no test that failed" in page(stopped)


def test_what_is_wrong_is_said_at_the_top() -> None:
    top = page(mixed()).partition('id="cases"')[0]
    assert "bn1 (BatchNorm2d; eps: torch 1e-05, MindSpore 0.001)" in top
    assert "loop: the losses part" in top


def test_every_test_is_listed_once_under_its_pair() -> None:
    subjects = numbered(mixed(), None)
    names = [subject.name for subject in subjects]
    assert names == ["networks.right:default", "networks.wrong:default",
                     "recipes.wrong:default", "tests/test_cli.py"]  # fmt: skip
    assert [len(subject.lines) for subject in subjects] == [3, 3, 1, 2]
    html = page(mixed())
    assert len(re.findall(r"<tr data-status=", html)) == 9
    assert "blocked by forward_eval" in html and "latent fault at layer1.0.bn1" in html


def test_every_entry_reaches_the_scripts() -> None:
    data = _data(page(mixed()))
    subject = next(s for s in data["subjects"] if s and s["name"] == "networks.wrong:default")
    entries = subject["cases"][1]["entries"]
    assert entries["count"] == 11
    names = [data["names"][n] for n in entries["entry"]]
    at = names.index("bn1:out", 4)
    assert [entries[n][at] for n in ("error", "ratio")] == [4.2e-4, 4200]
    assert entries["reference"] == 1e-7  # written once, as all share it
    assert entries["ratio"][names.index("layer1:out", 8)] == "inf"
    details = {row[0]: row for row in entries["details"]}
    assert details[at][1:4] == [[1, 2], [0.5, 0.25, 0.33333333], 3e-6]
    assert subject["settings"] == [["bn1", "eps", "1e-05", "0.001"]]


def test_what_an_older_run_said_is_set_beside() -> None:
    newer = mixed()
    gone = Outcome("tests/test_cli.py::test_gone", "passed", 0.1)
    older = replace(newer, tests=[*(replace(t, outcome="passed") for t in newer.tests[1:]), gone])
    html = page(newer, before=older)
    assert (
        "Beside the run of 2026-01-01T00:00:00+00:00: 5 came to something else, 1 new, 1 gone."
    ) in html
    assert len(re.findall("data-changed", html)) == 5
    assert "before: passed" in html and "e/r before" in html
    assert 'data-growth="1"' in html  # the same e/r as then
    assert "only what changed" in html and "only what changed" not in page(newer)


def test_names_are_text_wherever_they_stand() -> None:
    pair = f"networks.{HOSTILE}:default"
    wrong = replace(
        failing(pair)[1].verdict,
        notes=(HOSTILE,), problems=(HOSTILE,), modules=(ModuleRow(HOSTILE, HOSTILE, HOSTILE),),
        settings=(Setting(HOSTILE, HOSTILE, HOSTILE, HOSTILE),), bundle=f"javascript:{HOSTILE}",
    )  # fmt: skip
    found = run([outcome_of(wrong, HOSTILE), Outcome(HOSTILE, "error", 0.0, HOSTILE, HOSTILE)],
                left_out={HOSTILE: HOSTILE})  # fmt: skip
    html = page(found)
    assert "<script>alert" not in html and "<b>" not in html
    assert len(re.findall("</script>", html)) == 2  # the data's and the scripts' own
    assert 'href="javascript:' not in html
    assert _data(html)["subjects"][0]["cases"][0]["notes"] == [HOSTILE]


def test_a_page_names_nothing_outside_itself() -> None:
    html = page(mixed())
    links = re.findall(r"""(?:src|href)\s*=\s*"([^"]*)""", html)
    assert links and all(link.startswith("#") or link == "bundles/wrong" for link in links)
    assert not re.search(r"@import|url\(|(?<!www.w3.org/2000/svg)https?://(?!www\.w3\.org)", html)
    assert "default-src 'none'" in html and "unsafe-inline" not in html


def test_bundles_are_linked_from_where_the_page_lies() -> None:
    html = page(mixed(), home="reports")
    assert 'href="../bundles/wrong"' in html


def test_a_runs_file_is_a_page_where_its_name_says_so(tmp_path: Path) -> None:
    wrong = replace(failing()[1].verdict, bundle=str(tmp_path / "bundles" / "wrong"))
    files.write(tmp_path / "run.html", run([outcome_of(wrong)]), "zh")
    html = (tmp_path / "run.html").read_text(encoding="utf-8")
    assert '<html lang="zh-CN">' in html and 'href="bundles/wrong"' in html
    assert [file.name for file in tmp_path.iterdir()] == ["run.html"]


def test_scripts_say_only_words_of_the_catalogue() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.js"))
    said = set(re.findall(r"WORDS\.(\w+)", source))
    words = set(labels.view(catalogue()))
    assert said <= words
    # The others are looked up by a name that the scripts put together.
    for word in words - said:
        assert f'"{word}"' in source or word.startswith("badge_"), word


def test_every_state_and_status_has_a_name_in_both_languages() -> None:
    for lang in ("en", "zh"):
        assert list(labels.states(catalogue(lang))) == list(STATES)
    html = page(mixed(), "zh")
    assert '<html lang="zh-CN">' in html
    assert "9 个测试中有 3 个失败" in html and "Where it fails" not in html


def test_what_a_run_said_in_english_is_said_in_the_pages_language() -> None:
    verdict = replace(failing()[1].verdict, notes=("MindSpore only: flatten",))
    kept = replace(outcome_of(verdict), text=f"{failure.page(verdict, 'my:PAIR')}\n\nTear-down.")
    case = _data(page(run([kept]), "zh"))["subjects"][0]["cases"][0]
    assert case["text"] == f"{failure.page(verdict, 'my:PAIR', 'zh')}\n\nTear-down."
    assert case["notes"] == ["只在 MindSpore 中：flatten"]
    sentence = failure.sentence(verdict, catalogue("zh"))
    assert "bn1" in sentence and sentence in page(run([kept]), "zh")
    assert _data(page(run([kept])))["subjects"][0]["cases"][0]["text"] == kept.text


def test_a_case_of_an_unknown_form_is_still_listed() -> None:
    odd = outcome_of(Verdict("anything", "structure", 0, compared=1))
    assert "anything" in page(run([odd]))


def test_a_real_runs_verdicts_are_drawn(frameworks: None) -> None:
    pair = Pair("blocks.six", torch="small:Net", mindspore="small:relu6", inputs=[Input((4, 6))])
    verdicts = check_pair(pair, checks=["structure", "forward_eval", "backward"])
    html = page(run([outcome_of(verdict) for verdict in verdicts]))
    assert "act (ReLU / ReLU6" in html.partition('id="cases"')[0]
    (subject,) = _data(html)["subjects"]
    assert [module[0] for module in subject["modules"]] == ["", "first", "act", "drop", "last"]
    counts = [case.get("entries", {}).get("count", 0) for case in subject["cases"]]
    assert counts == [len(verdict.results) for verdict in verdicts]


@pytest.mark.parametrize("entries", [30_000, 300_000])
def test_a_large_run_stays_a_small_file(entries: int) -> None:
    html = page(large(500, 500, entries))
    assert len(html.encode()) < 1_600_000 + 40 * entries
