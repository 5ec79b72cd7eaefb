"""Losses that are ported wrong.

``place`` is "loss" or "loss.reduction" for what a Finding names, "setting.NAME" for a setting that
the page of the culprit shows to differ, "error" where it raises, "root" for the loss as such.
"""

from typing import Any

from seeded_stages.bug import StageBug


def _stock(name: str, **fixed: Any) -> Any:
    """MindSpore's own class with its own defaults, but for what is fixed."""

    def factory(**_: Any) -> Any:
        from mindspore import nn

        return getattr(nn, name)(**fixed)

    return factory


def _ours(name: str, drop: str = "", **fixed: Any) -> Any:
    """The wrapped loss with an argument dropped or others fixed."""

    def factory(**given: Any) -> Any:
        from harness.backends import mindspore_losses

        kept = {key: value for key, value in given.items() if key != drop}
        return getattr(mindspore_losses, name)(**{**kept, **fixed})

    return factory


def _paired(family: str, name: str, **fixed: Any) -> Any:
    """The port of the registered pair with other arguments."""

    def factory(**given: Any) -> Any:
        from importlib import import_module

        port = import_module(f"models.losses.{family}.ms")
        return getattr(port, name)(**{**given, **fixed})

    return factory


def _cells(name: str) -> Any:
    def factory(**_: Any) -> Any:
        from seeded_stages import loss_ms

        return getattr(loss_ms, name)()

    return factory


def _bug(name: str, pair: str, wrong: Any, place: str, says: str = "") -> StageBug:
    return StageBug(f"loss.{name}", f"losses.{pair}", "forward_eval", wrong, place, says)


BUGS = [
    _bug("sum_for_mean", "cross_entropy:mean", _ours("CrossEntropyLoss", reduction="sum"),
         "loss.reduction", "12 samples"),
    _bug("sum_over_elements", "mse:mean", _stock("MSELoss", reduction="sum"), "loss.reduction",
         "30 elements"),
    _bug("mean_for_sum", "mse:sum", _stock("MSELoss"), "loss.reduction", "where torch sums"),
    _bug("stock_smooth_l1_is_not_reduced", "smooth_l1:mean", _stock("SmoothL1Loss"),
         "loss.reduction", "not reduced"),
    _bug("stock_softmax_is_not_reduced", "cross_entropy.softmax_with_logits:mean",
         _paired("classification", "SoftmaxCrossEntropy", reduction="none"), "loss.reduction",
         "not reduced"),
    _bug("reduced_for_none", "l1:none", _stock("L1Loss"), "loss.reduction", "torch's is not"),
    _bug("smoothing_dropped", "cross_entropy:smoothing",
         _ours("CrossEntropyLoss", "label_smoothing"), "setting.label_smoothing"),
    _bug("smoothing_dropped_in_words", "cross_entropy:smoothing",
         _ours("CrossEntropyLoss", "label_smoothing"), "loss", "plain cross entropy"),
    _bug("ignore_index_dropped", "cross_entropy:ignore_index",
         _ours("CrossEntropyLoss", "ignore_index"), "setting.ignore_index"),
    _bug("class_weights_dropped", "cross_entropy:weight", _ours("CrossEntropyLoss", "weight"),
         "loss", "weights"),
    _bug("bce_weights_dropped", "bce_with_logits:pos_weight",
         _ours("BCEWithLogitsLoss", "pos_weight"), "loss", "weights left out"),
    _bug("softmax_twice", "cross_entropy:mean", _cells("SoftmaxTwice"), "loss", "softmax twice"),
    _bug("nll_on_logits", "cross_entropy:mean", _ours("NLLLoss"), "loss",
         "nll_loss on raw logits"),
    _bug("nll_on_probabilities", "nll:mean", _cells("NLLOnProbabilities"), "loss",
         "nll_loss on probabilities"),
    _bug("sigmoid_twice", "bce_with_logits:mean", _cells("SigmoidTwice"), "loss",
         "sigmoid twice"),
    _bug("smooth_l1_beta", "smooth_l1:narrow", _ours("SmoothL1Loss", beta=1.0), "setting.beta"),
    _bug("huber_delta", "huber:narrow", _stock("HuberLoss"), "setting.delta"),
    _bug("kl_mean_for_batchmean", "kl_div:batchmean",
         _paired("distribution", "KLDivLoss", reduction="mean"), "loss.reduction", "1/5"),
    _bug("kl_batchmean_for_mean", "kl_div:mean",
         _paired("distribution", "KLDivLoss", reduction="batchmean"), "loss.reduction", "5 times"),
    _bug("triplet_margin", "triplet_margin:margin",
         _paired("embedding", "TripletMarginLoss", margin=1.0), "root"),
    _bug("cosine_margin", "cosine_embedding:margin",
         _paired("embedding", "CosineEmbeddingLoss", margin=0.0), "setting.margin"),
    _bug("poisson_of_logarithms", "poisson_nll:rates",
         _paired("distribution", "PoissonNLLLoss", log_input=True), "setting.log_input"),
    _bug("sparse_left_off", "cross_entropy.softmax_with_logits:mean", _cells("OneHotExpected"),
         "error"),
]  # fmt: skip
