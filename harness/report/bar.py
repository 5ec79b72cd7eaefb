"""Long work on a terminal: which case of how many, what runs in it, time taken and time left."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Column
from rich.text import Text

from harness.progress import SILENT, Listener


class _Done(ProgressColumn):
    """``3/9``; nothing where the end is not known."""

    def render(self, task: Task) -> Text:
        return Text("" if task.total is None else f"{task.completed:.0f}/{task.total:.0f}")


class _Left(ProgressColumn):
    """The time left, by the time that what is done took; nothing before anything is done."""

    def render(self, task: Task) -> Text:
        if not task.total or not task.completed or task.elapsed is None:
            return Text("")
        seconds = task.elapsed * (task.total - task.completed) / task.completed
        return Text(f"{timedelta(seconds=int(seconds))} left", style="cyan")


@contextmanager
def listening(cases: int = 0) -> Iterator[Listener]:
    """A Listener that shows what it hears on standard error, where that is a terminal.

    cases: how many are to come, 0 where there is only what runs.
    """
    if not sys.stderr.isatty():
        yield SILENT
        return
    progress = Progress(
        TextColumn("{task.description}", table_column=Column(no_wrap=True, ratio=3), markup=False),
        BarColumn(bar_width=None, table_column=Column(ratio=1)),
        _Done(),
        TimeElapsedColumn(),
        _Left(),
        console=Console(stderr=True),
        transient=True,
        expand=True,
        # What is printed to a file or a pipe is no business of the terminal's.
        redirect_stdout=sys.stdout.isatty(),
    )
    with progress:
        yield listener_of(progress, cases)


def listener_of(progress: Progress, cases: int) -> Listener:
    """A Listener that moves the bars: one over the cases, one over what runs in a case."""
    whole = progress.add_task("starting", total=cases) if cases else None
    steps: TaskID | None = None
    begun, last = 0, (0, 0)

    def case(name: str) -> None:
        nonlocal begun, steps
        if whole is not None:
            progress.update(whole, description=name, completed=begun)
        begun += 1
        if steps is not None:
            progress.remove_task(steps)
            steps = None

    def step(what: str, done: int, total: int) -> None:
        nonlocal steps, last
        # What begins again, or has another length, is other work, with a time of its own.
        if steps is None or total != last[1] or done < last[0]:
            if steps is not None:
                progress.remove_task(steps)
            steps = progress.add_task("", total=total or None)
        last = done, total
        indent = "  " if whole is not None else ""
        progress.update(steps, description=f"{indent}{what}", completed=done)

    return Listener(case, step)
