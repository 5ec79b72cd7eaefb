"""``doctor`` as text and as JSON."""

import json
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.health import Health
from harness.report import health_words as words
from harness.report.health_problems import said
from harness.report.messages import Catalogue


def show(console: Console, health: Health, say: Catalogue) -> None:
    """Problems first, each with its fix; then facts, then what the device has no kernels for."""
    for problem in health.problems:
        found = said(problem, say)
        style = "red" if problem.blocking else "yellow"
        line = Text(f"{words.grade(problem, say)}: ", style=style)
        console.print(line.append(found.what, style="default"), soft_wrap=True)
        console.print(Text(f"  {found.fix}"), soft_wrap=True)
        if found.command:
            console.print(Text(f"  $ {found.command}", style="bold"), soft_wrap=True)
    for group, title in words.groups(say).items():
        facts = [fact for fact in health.facts if fact.group == group]
        if not facts:
            continue
        console.print()
        table = Table(box=None, header_style="dim", pad_edge=False)
        more = (say("here"), say("tested with")) if group == "versions" else ("", "")
        for head in (title, *more):
            table.add_column(head, overflow="fold")
        for fact in facts:
            table.add_row(
                Text(words.name(fact, say)), Text(words.value(fact, say)), Text(fact.tested)
            )
        console.print(table)
    if health.lacks:
        console.print(f"\n{words.lacks(health, say)}", markup=False)
        for way, name in words.ways(say).items():
            kernels = [lack.kernel for lack in health.lacks if lack.way == way]
            if kernels:
                console.print(Text(f"  {name}: {', '.join(kernels)}", style="dim"))
    if health.apis:
        console.print(f"\n{words.apis(health, say)}", markup=False)
        console.print(Text(f"  {', '.join(health.apis)}", style="dim"))
    console.print(f"\n{words.summary(health, say)}", markup=False)


def as_json(health: Health, say: Catalogue) -> str:
    """Everything as data, problems with their sentence and fix."""
    data = asdict(health) | {
        "summary": words.summary(health, say),
        "problems": [asdict(p) | asdict(said(p, say)) for p in health.problems],
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"
