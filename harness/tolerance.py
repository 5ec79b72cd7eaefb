"""The only home of numeric tolerances: how the noise floor of an entry becomes its limit.

The rule: the port is right where its error against the float64 oracle is at most ``factor`` times
torch's own float32 error on the very same computation. Nothing here is fitted to make a case pass;
``python -m harness calibrate`` prints the distribution that the factors are read off.
"""

from dataclasses import dataclass

import numpy as np

#: Largest e/r that correct pairs reach stays well below; the weakest bugs reach hundreds.
#: Measured over the clean pairs of this repository with ``calibrate`` (README, "Measured").
FACTOR = 30.0

#: Floor of torch's own error, in units in the last place of the entry's largest value: some
#: entries have no rounding error at all in the reference.
FLOOR_ULPS = 2.0

#: A case whose worst e/r grew by more than this from one run to another is told. Between four seeds
#: of 166 layer and block pairs (5,640 comparisons, but for Tanh's kernel, which is known to be
#: coarse) it grew by at most 4.8.
GROWN = 5.0

#: Below this magnitude float32 is denormal; some kernels flush such operands and results to zero.
SMALLEST_NORMAL = 1.1754944e-38

#: An entry whose limit exceeds this share of its own scale could hide anything: uninformative.
UNINFORMATIVE = 1e-2

#: A channel with fewer elements than this has no noise statistics of its own.
CHANNEL_ELEMENTS = 16

#: torch float32 runs with every input and parameter nudged one ulp, before an alarm is raised.
NUDGES = 4

#: Independent draws in which a gradient must fail, so that one ReLU deciding differently on a
#: rounding difference is no alarm.
DRAWS = 3

#: A difference of moves that is a multiple of the parameter up to this share is weight decay.
DECAY_REST = 1e-2

#: Gradients whose factors to torch's are alike up to this share are torch's times one factor, which
#: is another one where it is off by more than the second number. One ReLU that decides differently
#: changes gradients by up to 1e-1, but never all by one factor.
ONE_FACTOR, OTHER_FACTOR = 1e-3, 1e-2

#: Standard deviations by which the accuracies of two equally good trainings may differ.
ACCURACY_SIGMAS = 4.0

#: Moves, and factors of moves, within this share of each other are called the same when a
#: difference that was found already is put into words. Those of other gradients differ by far more.
SAME_MOVE = 1e-3

#: What a device profile excuses, as a multiple of the worst that calibration measured: other shapes
#: and values than the layer pairs' cost somewhat more.
PROFILE_MARGIN = 4.0

#: A kernel that is off by more than this share of an entry's scale is wrong, not coarse: no profile
#: excuses it. The coarsest that was measured is the simulated device's, 1e-3.
PROFILE_LARGEST = 1e-2

#: A relative error of an elementwise kernel above this is no rounding (8 roundings of float32).
KERNEL_COARSE = 8 * 2.0**-24

#: Largest input value of the probes of functions that are not linear: wide enough to leave the
#: range where ReLU6 is ReLU, narrow enough that a normalisation's eps shows.
WIDE, NARROW = 16.0, 1e-2

#: How often the check "initialization" may call two samples of one distribution different, over
#: all parameters of a case together.
INITIAL_FALSE_ALARMS = 1e-9

#: Values of a drawn parameter: fewer tell nothing apart, enough show a spread that is off by a
#: factor of 1.4 (fan-in for fan-out), more than the most are not looked at (they show a truncated
#: normal, and 4 % in the spread).
FEWEST_VALUES, ENOUGH_VALUES, MOST_VALUES = 200, 1000, 2**15

#: Values that two random parameters do not share by chance.
FEWEST_COPIED = 4

#: A tagged record is told by its colour up to this share of the step between two colours.
IDENTIFIED = 0.25

#: Levels (of 255) by which an explanation of wrong pixels may be off: kernels round differently.
EXPLAINED_LEVELS = 1.0

#: How often each test of a pipeline's random transforms (rate of flips, rows and columns of crops)
#: may call draws wrong that are right, and from how many draws.
AUGMENTATION_FALSE_ALARMS = 1e-9
AUGMENTATION_DRAWS = 320

#: A spread, or a fourth moment, within this share of what a fan or a distribution gives is put down
#: to it in words: samples of thousands are within 3 %, uniform and truncated normal 30 % apart.
INITIAL_LIKE = 0.06

EPSILON = {"float32": 2.0**-23, "float16": 2.0**-10, "float64": 2.0**-52}


@dataclass(frozen=True)
class Tolerance:
    """The error allowed for one metric of one entry, and where it comes from.

    reference: torch's own error. floor: the smallest error that means anything at this scale.
    """

    reference: float
    floor: float
    factor: float = FACTOR

    @property
    def unit(self) -> float:
        """What one unit of the ratio e/r stands for."""
        return max(self.reference, self.floor)

    @property
    def limit(self) -> float:
        return self.factor * self.unit


def floor_for(scale: np.ndarray, dtype: str = "float32") -> np.ndarray:
    """The floors for entries, or channels, whose largest oracle values are ``scale``."""
    return np.maximum(FLOOR_ULPS * EPSILON[dtype] * scale, SMALLEST_NORMAL)
