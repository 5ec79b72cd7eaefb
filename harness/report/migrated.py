"""What a migration's conversion and inference came to, step by step."""

import numpy as np

from harness.images import Images
from harness.migration import Migration
from harness.report.messages import catalogue
from harness.report.told import told
from harness.report.words import left

#: Images and classes shown one by one before the rest is only counted.
_ROWS = 10


def conversion(
    found: Migration, weights: str, seed: int, notes: list[str], file: str, lang: str = "en"
) -> str:
    """Where the parameters came from, how they map, and the file that holds them now.

    weights: the torch checkpoint; "" where torch's own initialisation takes its place.
    """
    say = catalogue(lang)
    origin = say("from {file}", file=weights) if weights else say(
        "torch's own initialisation, seed {seed}. UNTRAINED: the predictions below mean nothing,\n"
        "their equality does. Pass --weights FILE for trained ones.", seed=seed,
    )  # fmt: skip
    lines = [*origin.splitlines(), *(told(n, say) for n in (*notes, *found.mapping.splitlines()))]
    written = say("{file}, {size:.1f} MB, read back bit for bit", file=file, size=found.size / 1e6)
    return "\n".join([say("1. Parameters"), *(f"   {line}" for line in lines),
                      f"\n{say('2. Conversion')}", f"   {written}"])  # fmt: skip


def inference(images: Images, found: Migration, lang: str = "en") -> str:
    """Both sides' predictions on the images, and how far apart they are."""
    say = catalogue(lang)
    count = len(images.names)
    title = say("image")
    width = max(len(name) for name in ("image", *images.names[:_ROWS])) + 2
    heads = f"{'torch top-1':<16}{'mindspore top-1':<17}"
    lines = [f"{left(title, width)}{heads}{say('largest difference')}"]
    for i, name in enumerate(images.names[:_ROWS]):
        ours, theirs = found.torch_logits[i], found.port_logits[i]
        tops = [f"{a.argmax()} ({a.max():.4f})" for a in (ours, theirs)]
        off = f"{np.abs(ours - theirs).max():.1e}"
        lines.append(f"{name:<{width}}{tops[0]:<16}{tops[1]:<17}{off}")
    if count > _ROWS:
        lines.append(say("and {n} more", n=count - _ROWS))
    for side, logits in (("torch", found.torch_logits), ("mindspore", found.port_logits)):
        shown = " ".join(f"{value:.5f}" for value in logits[0][:_ROWS])
        lines.append(say("first image's logits, {side} {logits}",
                         side=f"{side:<10}", logits=shown))  # fmt: skip
    lines.append(say(
        "largest difference {difference:.2e} on logits between {low:.4g} and {high:.4g}; top-1 "
        "agrees on {same} of {n}", difference=found.largest_difference,
        low=float(found.torch_logits.min()), high=float(found.torch_logits.max()),
        same=found.agreement, n=count,
    ))  # fmt: skip
    if images.labels is not None:
        torch, mindspore = (
            float((logits.argmax(1) == images.labels).mean())
            for logits in (found.torch_logits, found.port_logits)
        )
        lines.append(say("accuracy: torch {torch:.2%}, mindspore {mindspore:.2%}",
                         torch=torch, mindspore=mindspore))  # fmt: skip
    head = say("3. Inference on {n} images ({origin})", n=count,
               origin=told(images.origin, say))  # fmt: skip
    return "\n".join([head, *(f"   {line}" for line in lines)])
