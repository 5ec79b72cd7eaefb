"""Peak memory and time of conversions, measured in a process of their own.

``python tests/peak.py WIDTH SOURCE TARGET [SOURCE TARGET ...]`` prints a JSON object for each.

The peak is what a conversion needs above one of the same pair that has next to no data.
"""

import json
import sys
import tempfile
import time
from contextlib import redirect_stdout
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from harness.checkpoint import write_checkpoint
from harness.cli import main


def resident(entry: str = "VmHWM") -> int:
    """Bytes of memory in use ("VmRSS"), or the most since ``forget`` ("VmHWM"); Linux only."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(entry)).split()[1]) * 1024


def forget() -> None:
    """Let the peak start again at what is in use."""
    Path("/proc/self/clear_refs").write_text("5")


def convert(width: int, source: str, target: str, *more: str) -> None:
    """Convert quietly. Raises where the command fails."""
    arguments = ["big_pairs:PAIR", source, target, "--set", f"width={width}", *more]
    with redirect_stdout(sys.stderr):
        assert main(["convert", *arguments]) == 0


def measure(width: int, source: str, target: str, constant: int) -> dict[str, object]:
    """One conversion: seconds, and its peak in bytes above ``constant``."""
    forget()
    start = time.perf_counter()
    convert(width, source, target)
    seconds = time.perf_counter() - start
    return {"source": source, "target": target, "seconds": seconds,
            "peak": resident() - constant}  # fmt: skip


if __name__ == "__main__":
    import big_pairs

    with tempfile.TemporaryDirectory() as folder:
        first = str(Path(folder) / "tiny.pth")
        write_checkpoint(Path(first), big_pairs.state(8), "torch")
        for suffix in (".ckpt", ".safetensors"):  # everything is imported
            convert(8, first, str(Path(folder) / f"tiny{suffix}"))
            convert(8, str(Path(folder) / f"tiny{suffix}"), str(Path(folder) / "back.pth"))
    constant, files = resident("VmRSS"), iter(sys.argv[2:])
    for source, target in zip(files, files):
        print(json.dumps(measure(int(sys.argv[1]), source, target, constant)))
