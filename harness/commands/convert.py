"""``convert``: a checkpoint of one framework into the other's, bit exact, tensor by tensor."""

import argparse
from pathlib import Path

from harness.commands import common
from harness.conversion import convert
from harness.formats.sharded import bytes_of
from harness.report import text


def run(arguments: argparse.Namespace) -> int:
    """Convert, and say what was done."""
    pair, variant = common.chosen(arguments)
    source, target = Path(arguments.source), Path(arguments.target)
    shard_size = bytes_of(arguments.shard_size) if arguments.shard_size else 0
    done = convert(pair, variant, source, target, shard_size, arguments.ignore)
    print(text.mapping_summary(done.map))
    for note in done.notes:
        print(f"note: {note}")
    first, *_, last = done.shards or ("", "")
    where = f"{len(done.shards)} shards {first} to {last}" if done.shards else target
    print(f"wrote {where}: {done.parameters} parameters, {done.nbytes / 1e6:.1f} MB, bit for bit")
    return 0
