"""``record``: run one side and save its trace."""

import argparse
from pathlib import Path

from harness import tracing
from harness.backends.base import Settings
from harness.commands import common
from harness.errors import HarnessError
from harness.evidence import Evidence
from harness.report.bar import listening
from harness.trace import Trace


def run(arguments: argparse.Namespace) -> int:
    """Record, write, and say what the file holds."""
    pair, variant = common.chosen(arguments)
    output = Path(arguments.output)
    if output.suffix != ".npz":
        raise HarnessError(f"-o {output}: a trace is an .npz file.")
    reference = Trace.load(Path(arguments.reference)) if arguments.reference else None
    if arguments.backend == "torch64" and reference is None:
        raise HarnessError("The oracle needs --from, a trace recorded with --backend torch.")
    if arguments.checkpoint:
        raise HarnessError("record takes --weights; a converted checkpoint is judged by 'check'.")
    if arguments.backend != "torch" and (arguments.weights or arguments.input):
        raise HarnessError(
            "--weights and --input belong to the torch recording; the other sides take both from "
            "its file: --from."
        )
    given, notes = common.given(arguments, pair, variant)
    with listening() as listener:
        evidence = Evidence(
            pair, variant, seed=arguments.seed, given=given, progress=listener.step,
            settings=Settings(ms_device=arguments.ms_device),
        )  # fmt: skip
        if arguments.backend == "torch":
            trace = tracing.record_reference(evidence)
        elif arguments.backend == "torch64":
            assert reference is not None
            trace = tracing.record_oracle(evidence, reference)
        else:
            trace = tracing.record_port(evidence, reference)
        trace.save(output)
    for note in notes:
        print(f"note: {note}")
    size = output.stat().st_size
    print(
        f"wrote {output}: {trace.meta['label']}, {len(trace.entries)} entries, {size / 1e6:.1f} MB"
    )
    print(f"  inputs      sha256 {trace.meta['hashes']['inputs'][:16]}")
    print(f"  parameters  sha256 {trace.meta['hashes']['parameters'][:16]}")
    return 0
