"""Variation: one variant of a pair under one seed, which a Subject or a Stage is."""

from harness.backends import Settings
from harness.pair import Case, Pair
from harness.progress import Progress, silent


class Variation:
    """What is run: the pair's variant, the seed of all draws, the device, who hears of progress."""

    def __init__(
        self,
        pair: Pair,
        variant: str,
        *,
        dtype: str = "f32",
        seed: int = 0,
        settings: Settings | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.pair, self.variant, self.seed = pair, variant, seed
        self.settings, self.progress = settings or Settings(), progress or silent
        self.entropy = Case(pair, variant, pair.checks[0], dtype, seed).entropy
