"""Initializers that are ported wrong."""

from typing import Any

from seeded_stages.bug import StageBug

_CHECK, _PLACE = "distribution", "initializer"


def _init(kind: str, *arguments: Any) -> Any:
    """A factory of one of MindSpore's own initializers, whatever the pair asks for."""

    def made(shape: tuple[int, ...], **_: Any) -> Any:
        from mindspore.common import initializer

        return getattr(initializer, kind)(*arguments)

    return made


BUGS = [
    StageBug("I_fan_in_for_fan_out", "initializers.kaiming_normal:fan_out", _CHECK,
             _init("HeNormal", 0, "fan_in", "relu"), _PLACE, "fan_in for fan_out"),
    StageBug("I_fan_out_for_fan_in", "initializers.kaiming_uniform:tall", _CHECK,
             _init("HeUniform", 0, "fan_out"), _PLACE, "fan_out for fan_in"),
    StageBug("I_gain_of_layers_dropped", "initializers.kaiming_uniform:layers", _CHECK,
             _init("HeUniform"), _PLACE, "times torch's"),
    StageBug("I_gain_dropped", "initializers.xavier_normal:gain", _CHECK,
             _init("XavierNormal"), _PLACE, "0.7"),
    StageBug("I_uniform_for_normal", "initializers.kaiming_normal:tall", _CHECK,
             _init("HeUniform"), _PLACE, "normal distribution, MindSpore from a uniform one"),
    StageBug("I_normal_for_uniform", "initializers.xavier_uniform:tall", _CHECK,
             _init("XavierNormal"), _PLACE, "uniform distribution, MindSpore from a normal one"),
    StageBug("I_default_sigma", "initializers.normal:default", _CHECK, _init("Normal"), _PLACE,
             "0.01 times torch's"),
    StageBug("I_sigma_and_mean_swapped", "initializers.normal:moved", _CHECK,
             _init("Normal", 0.5, 0.1), _PLACE, "times torch's"),
    StageBug("I_uniform_around_zero", "initializers.uniform:default", _CHECK,
             _init("Uniform", 1.0), _PLACE, "2 times torch's"),
    StageBug("I_truncated_by_multiples", "initializers.trunc_normal:narrow", _CHECK,
             _init("TruncatedNormal", 0.02, 0.0, -0.04, 0.04), _PLACE, "torch"),
    StageBug("I_not_truncated", "initializers.trunc_normal:default", _CHECK,
             _init("Normal", 1.0), _PLACE, "MindSpore"),
    StageBug("I_bias_zero", "initializers.constant:bias", _CHECK, _init("Zero"), _PLACE,
             "torch -1.5, mindspore 0"),
    StageBug("I_gamma_zero", "initializers.ones:gamma", _CHECK, _init("Zero"), _PLACE,
             "torch 1, mindspore 0"),
    StageBug("I_orthogonal_without_gain", "initializers.orthogonal:gain", _CHECK,
             _init("Orthogonal"), _PLACE, "square of the gain"),
    StageBug("I_normal_for_orthogonal", "initializers.orthogonal:wide", _CHECK,
             _init("Normal", 96**-0.5), _PLACE, "between rows"),
    StageBug("I_dirac_without_groups", "initializers.dirac:groups", _CHECK, _init("Dirac"),
             _PLACE, "elements differ"),
    StageBug("I_sparsity", "initializers.sparse:third", _CHECK, _init("Sparse", 0.7), _PLACE,
             "zeros a column"),
    StageBug("I_drawn_for_fixed", "initializers.zeros:bias", _CHECK, _init("Normal"), _PLACE,
             "draws it"),
]  # fmt: skip
