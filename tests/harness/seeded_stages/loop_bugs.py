"""Loops that are ported wrong: mode, loss, gradients, updates, rates, evaluation, resuming."""

from functools import partial
from typing import Any

from seeded_stages.bug import StageBug
from seeded_stages.tiny import trained

PLAIN = trained("tiny")
CLIPPED = trained("tiny_clipped", tricks={"clip_norm": 0.5})
ACCUMULATED = trained("tiny_accumulated", tricks={"accumulate": 2})
WEIGHTED = trained(
    "tiny_weighted", loss={"name": "cross_entropy", "weight": [1.0, 3.0, *[0.5] * 8]}
)
BY_STEP = trained("tiny_by_step", schedule={"name": "exponential", "gamma": 0.5, "per": "step"})

#: The right loops, which nothing may be found in.
CLEAN = (PLAIN, CLIPPED, ACCUMULATED, WEIGHTED, BY_STEP)


def _wrong(mistake: str) -> Any:
    def made(recipe: Any, steps_per_epoch: int) -> Any:
        from seeded_stages.loop_ms import loop

        return loop(recipe, steps_per_epoch, mistake)

    return made


def _bug(mistake: str, check: str, place: str, says: str = "", pair: Any = PLAIN) -> StageBug:
    return StageBug(f"loop.{mistake}.{check}", pair, check, _wrong(mistake), place, says)


_forced = partial(_bug, check="teacher_forced")
_tested = partial(_bug, check="evaluation")
_resumed = partial(_bug, check="resume", place="resume")
_stepped = partial(_bug, check="optimizer")

BUGS = (
    _forced("never_trains", place="mode", says="not in train mode"),
    _forced("tested_for_good", place="mode", says="at step 4"),
    _forced("summed", place="loss", says="16 times"),
    _forced("smoothed", place="loss"),
    _forced("softmax_twice", place="loss"),
    _forced("negative", place="loss"),
    _forced("labels_shifted", place="loss"),
    _forced("unweighted", place="loss", pair=WEIGHTED),
    _forced("no_has_aux", place="gradient"),
    _forced("detached", place="gradient.scale", says="0.5 times"),
    _forced("scaled", place="gradient.scale", says="1024 times"),
    _forced("halved", place="gradient.scale", says="0.5 times"),
    _forced("reversed", place="gradient.order", says="bn1"),
    _forced("zero_bias", place="gradient", says="fc.bias"),
    _forced("sign", place="gradient"),
    _forced("not_clipped", place="gradient.scale", says="clipping", pair=CLIPPED),
    _forced("clipped_each", place="gradient", pair=CLIPPED),
    _forced("accumulates_a_sum", place="gradient.scale", says="2 times", pair=ACCUMULATED),
    _forced("updates_every_batch", place="loop.updates", pair=ACCUMULATED),
    _forced("never_cleared", place="gradient"),
    _forced("no_update", place="loop.updates", says="0 times"),
    _forced("updates_twice", place="loop.updates", says="12 times"),
    _forced("head_left_out", place="optimizer.parameters", says="fc.weight"),
    _forced("norms_left_out", place="optimizer.parameters", says="bn1"),
    _forced("rate_times_ten", place="optimizer.lr", says="10 times"),
    _forced("moved_every_step", place="schedule", says="step 2"),
    _forced("never_moved", place="schedule", says="step 4"),
    _forced("no_decay", place="optimizer", says="decay"),
    _forced("no_momentum", place="optimizer"),
    _forced("nesterov", place="optimizer"),
    _forced("adam_for_sgd", place="optimizer"),
    _forced("new_optimizer_each_epoch", place="optimizer", says="step 4"),
    _forced("bn_momentum", place="state", says="running statistics"),
    _stepped("no_decay", place="optimizer.weight_decay"),
    _stepped("dampened", place="optimizer"),
    _tested("tested_in_train_mode", place="evaluation.mode", says="mindspore"),
    _tested("dropout_while_tested", place="evaluation.mode", says="mindspore"),
    _tested("remainder_dropped", place="evaluation.loss"),
    _tested("mean_of_means", place="evaluation.loss"),
    _tested("divides_by_batches", place="evaluation.loss", says="times"),
    _tested("argmax_of_batch", place="evaluation.accuracy"),
    _tested("negative", place="evaluation.loss", says="nll_loss of raw logits"),
    _resumed("slots_not_saved", says="mindspore"),
    _resumed("schedule_not_saved", says="mindspore", pair=BY_STEP),
    _resumed("bn_not_loaded", says="mindspore"),
)
