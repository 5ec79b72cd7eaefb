"""Optimizers that are ported wrong. Names that start with O and a number are the catalogue's."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from seeded_stages.bug import StageBug

_CHECK = "steps"


def _right(name: str, net: Any, changed: dict[str, Any], **given: Any) -> Any:
    """The right optimizer with arguments changed; None takes one out."""
    from harness.backends import mindspore_optimizers

    arguments = {k: v for k, v in {**given, **changed}.items() if v is not None}
    return mindspore_optimizers.OPTIMIZERS[name](net, **arguments)


def _changed(name: str, **changed: Any) -> Any:
    return partial(_right, name, changed=changed)


def _used(net: Any, given: dict[str, Any]) -> list[Any]:
    left_out = given.get("leave_out", ())
    return [p for p in net.trainable_params() if p.name.partition(".")[0] not in left_out]


def _nn_sgd(net: Any, lr: float, momentum: float, weight_decay: float, **given: Any) -> Any:
    from mindspore import nn

    return nn.SGD(_used(net, given), lr, momentum, weight_decay=weight_decay)


def _nn_adam(net: Any, lr: float = 1e-3, weight_decay: float = 0.0, **given: Any) -> Any:
    from mindspore import nn

    betas = given.get("betas", (0.9, 0.999))
    groups = [{"params": _used(net, given), "weight_decay": weight_decay}]
    return nn.Adam(groups, lr, *betas, given.get("eps", 1e-8))


def _nn_adam_by_name(net: Any, lr: float, weight_decay: float, **given: Any) -> Any:
    from mindspore import nn

    return nn.Adam(_used(net, given), lr, *given["betas"], weight_decay=weight_decay)


def _nn_adam_weight_decay(net: Any, lr: float, weight_decay: float, eps: float = 1e-8,
                          **given: Any) -> Any:  # fmt: skip
    from mindspore import nn

    groups = [{"params": _used(net, given), "weight_decay": weight_decay}]
    return nn.AdamWeightDecay(groups, lr, eps=eps)


def _nn_momentum(net: Any, lr: float, momentum: float, **given: Any) -> Any:
    from mindspore import nn

    groups = [{"params": _used(net, given), "weight_decay": given.get("weight_decay", 0.0)}]
    return nn.Momentum(groups, lr, momentum, use_nesterov=given.get("nesterov", False))


def _nn_rmsprop(net: Any, lr: float = 0.01, **given: Any) -> Any:
    from mindspore import nn

    return nn.RMSProp(net.trainable_params(), lr, decay=0.99, epsilon=1e-8)


def _nn_adagrad(net: Any, accum: float = 0.1, **given: Any) -> Any:
    from mindspore import nn

    return nn.Adagrad(net.trainable_params(), accum, 0.01)


def _nn_adagrad_by_position(net: Any, **given: Any) -> Any:
    from mindspore import nn

    return nn.Adagrad(net.trainable_params(), 0.01)


def _nn_adamax(net: Any, **given: Any) -> Any:
    from mindspore import nn

    return nn.AdaMax(net.trainable_params())


def _all_parameters(net: Any, lr: float, **given: Any) -> Any:
    from mindspore import nn

    return nn.SGD(list(net.get_parameters()), lr, weight_decay=0.1)


def _unused_decays(net: Any, lr: float, momentum: float, weight_decay: float, **given: Any) -> Any:
    from harness.backends.mindspore_optimizers import sgd

    return sgd(net, lr, momentum=momentum, weight_decay=weight_decay)


def _mint(net: Any, lr: float = 1e-3, **given: Any) -> Any:
    from mindspore import mint

    return mint.optim.SGD(net.trainable_params(), lr)


def _biases_left_out(net: Any, lr: float, **given: Any) -> Any:
    from harness.backends.mindspore_optimizers import sgd

    return sgd([p for p in net.trainable_params() if not p.name.endswith("bias")], lr)


class _Fed:
    """An optimizer whose gradients go through a wrong function first."""

    def __init__(self, optimizer: Any, given: Any, parameters: Any = None) -> None:
        self.optimizer, self.given = optimizer, given
        self.parameters = parameters or optimizer.parameters
        self.param_groups, self.lrs = optimizer.param_groups, optimizer.lrs

    def get_parameters(self) -> Any:
        return self.optimizer.get_parameters()

    def __call__(self, gradients: Sequence[Any]) -> Any:
        return self.optimizer(self.given(tuple(gradients)))


def _out_of_order(net: Any, lr: float, **given: Any) -> Any:
    """Gradients of trainable_params() for an optimizer whose groups put biases first."""
    from mindspore.experimental import optim

    parameters = net.trainable_params()
    biases = [p for p in parameters if p.name.endswith("bias") or "beta" in p.name]
    rest = [p for p in parameters if all(p is not bias for bias in biases)]
    ordered = sorted(biases, key=lambda p: p.name)
    made = optim.SGD([{"params": ordered}, {"params": rest}], lr)
    shapes: dict[Any, list[int]] = {}
    for at, parameter in enumerate(parameters):
        shapes.setdefault(tuple(parameter.shape), []).append(at)
    take = {shape: iter(found) for shape, found in shapes.items()}
    order = [next(take[tuple(p.shape)]) for p in made.parameters]
    return _Fed(made, lambda gradients: tuple(gradients[at] for at in order), parameters)


def _sgd(net: Any, lr: float, **arguments: Any) -> Any:
    from harness.backends.mindspore_optimizers import sgd

    return sgd(net, lr, momentum=0.9, **arguments)


def _not_clipped(net: Any, lr: float, **given: Any) -> Any:
    return _sgd(net, lr)


def _clipped_one_by_one(net: Any, lr: float, norm: float) -> Any:
    from harness.backends.mindspore_optimizers import clip

    return _Fed(_sgd(net, lr), lambda gradients: tuple(clip([g], norm)[0] for g in gradients))


def _value_for_norm(net: Any, lr: float, norm: float) -> Any:
    from harness.backends.mindspore_optimizers import clip

    return _Fed(_sgd(net, lr), lambda gradients: clip(gradients, value=norm / 2))


def _still_scaled(net: Any, lr: float, loss_scale: float) -> Any:
    return _sgd(net, lr, weight_decay=0.1, leave_out=("unused",))


class _Summed:
    """Accumulates the sum of gradients where torch's loop takes their mean."""

    def __init__(self, net: Any, lr: float, batches: int) -> None:
        self.optimizer = _sgd(net, lr)
        self.parameters, self.batches = self.optimizer.parameters, batches
        self.param_groups, self.lrs = self.optimizer.param_groups, self.optimizer.lrs
        self.held: list[Any] = []

    def get_parameters(self) -> Any:
        return self.optimizer.get_parameters()

    def __call__(self, gradients: Sequence[Any]) -> None:
        self.held.append(gradients)
        if len(self.held) == self.batches:
            self.optimizer(tuple(sum(column[1:], column[0]) for column in zip(*self.held)))
            self.held = []


_WD = "optimizer.weight_decay"

BUGS = [
    StageBug("O01_decay_by_name", "optimizers.sgd:momentum", _CHECK, _nn_sgd, _WD,
             "leaves parameters named gamma or beta out"),
    StageBug("O02_adam_decay_by_name", "optimizers.adam:decay", _CHECK, _nn_adam_by_name, _WD,
             "leaves parameters named gamma or beta out"),
    StageBug("O04_nesterov_ignored", "optimizers.sgd:nesterov", _CHECK, _nn_momentum,
             "optimizer.nesterov", "has no Nesterov momentum"),
    StageBug("O05_adamw_as_adam", "optimizers.adamw:decay", _CHECK, _changed("adam"), _WD,
             "adds the decay to the gradients"),
    StageBug("O05_adam_as_adamw", "optimizers.adam:decay", _CHECK, _changed("adamw"), _WD,
             "takes the decay off the parameters"),
    StageBug("O06_no_bias_correction", "optimizers.adamw:decay", _CHECK, _nn_adam_weight_decay,
             "optimizer.bias_correction", "not corrected"),
    StageBug("O06_and_its_own_eps", "optimizers.adamw:decay", _CHECK,
             partial(_nn_adam_weight_decay, eps=1e-6), "optimizer.bias_correction",
             "not corrected"),
    StageBug("O07_eps_before_correction", "optimizers.adam:default", _CHECK, _nn_adam,
             "optimizer.eps", "before the bias correction"),
    StageBug("O09_momentum_dropped", "optimizers.sgd:momentum", _CHECK,
             _changed("sgd", momentum=0.0), "optimizer.momentum", "momentum 0"),
    StageBug("O14_all_parameters", "optimizers.sgd:plain", _CHECK, _all_parameters,
             "optimizer.parameters", "running statistics"),
    StageBug("O15_unused_decays", "optimizers.sgd:momentum", _CHECK, _unused_decays, _WD,
             "nothing uses"),
    StageBug("O16_groups_reordered", "optimizers.sgd:plain", _CHECK, _out_of_order,
             "optimizer.groups", "another order"),
    StageBug("O17_clipping_dropped", "optimizers.clipping:norm", _CHECK, _not_clipped,
             "optimizer.gradients", "clipping"),
    StageBug("O17_clipped_one_by_one", "optimizers.clipping:norm", _CHECK, _clipped_one_by_one,
             "optimizer.gradients", "parameter by parameter"),
    StageBug("X_value_for_norm", "optimizers.clipping:norm", _CHECK, _value_for_norm,
             "optimizer", ""),
    StageBug("O19_rmsprop_starts_at_1", "optimizers.rmsprop:default", _CHECK, _nn_rmsprop,
             "optimizer.accumulator", "start at 1"),
    StageBug("O20_adagrad_by_position", "optimizers.adagrad:default", _CHECK,
             _nn_adagrad_by_position, "optimizer.lr", "rate"),
    StageBug("O21_adagrad_starts_at_a_tenth", "optimizers.adagrad:default", _CHECK, _nn_adagrad,
             "optimizer.accumulator", "start at 0.1"),
    StageBug("X_adagrad_of_nn", "optimizers.adagrad:default", _CHECK,
             partial(_nn_adagrad, accum=0.0), "optimizer", ""),
    StageBug("O22_decay_dropped", "optimizers.sgd:momentum", _CHECK,
             _changed("sgd", weight_decay=0.0), _WD, "decays no parameter"),
    StageBug("O22_decay_of_another_size", "optimizers.sgd:nesterov", _CHECK,
             _changed("sgd", weight_decay=0.02), _WD, "decays with 0.02"),
    StageBug("O22_adam_decay_of_another_size", "optimizers.adam:decay", _CHECK,
             _changed("adam", weight_decay=0.05), _WD, "decays with 0.05"),
    StageBug("O23_default_rate", "optimizers.adamax:default", _CHECK, _nn_adamax,
             "optimizer.lr", "0.5 times the rate"),
    StageBug("X_a_tenth_of_the_rate", "optimizers.adamw:default", _CHECK,
             _changed("adamw", lr=1e-4), "optimizer.lr", "0.1 times the rate"),
    StageBug("X_dampening_dropped", "optimizers.sgd:dampening", _CHECK,
             _changed("sgd", dampening=0.0), "optimizer.dampening", "dampening 0"),
    StageBug("X_nesterov_dropped", "optimizers.sgd:nesterov", _CHECK,
             _changed("sgd", nesterov=False), "optimizer.nesterov", "no Nesterov"),
    StageBug("X_groups_of_one_rate", "optimizers.sgd:groups", _CHECK,
             _changed("sgd", groups={"*norm": {"weight_decay": 0.0}}), "optimizer.lr",
             "by one rate"),
    StageBug("X_groups_of_one_decay", "optimizers.adamw:groups", _CHECK,
             _changed("adamw", groups={"beta_head": {"lr": 0.003}}), _WD, "groups alike"),
    StageBug("X_amsgrad_off", "optimizers.adam:amsgrad", _CHECK,
             _changed("adam", amsgrad=False), "optimizer.amsgrad", "False"),
    StageBug("X_betas_swapped", "optimizers.adam:decay", _CHECK,
             _changed("adam", betas=(0.99, 0.8)), "optimizer.betas", "(0.99, 0.8)"),
    StageBug("X_eps_of_another_size", "optimizers.adam:eps", _CHECK,
             _changed("adam", eps=1e-8), "optimizer.eps", "1e-08"),
    StageBug("X_alpha", "optimizers.rmsprop:momentum", _CHECK, _changed("rmsprop", alpha=0.1),
             "optimizer.alpha", "alpha 0.1"),
    StageBug("X_rho", "optimizers.adadelta:default", _CHECK, _changed("adadelta", rho=0.95),
             "optimizer.rho", "rho 0.95"),
    StageBug("X_centered_dropped", "optimizers.rmsprop:centered", _CHECK,
             _changed("rmsprop", centered=False), "optimizer.centered", "False"),
    StageBug("X_mint_moves_nothing", "optimizers.sgd:plain", _CHECK, _mint,
             "optimizer.parameters", "moves nothing"),
    StageBug("X_biases_are_not_moved", "optimizers.sgd:plain", _CHECK, _biases_left_out,
             "optimizer.parameters", "does not move"),
    StageBug("T03_loss_scale_not_undone", "optimizers.loss_scale:default", _CHECK,
             _still_scaled, "optimizer.gradients", "unscaling"),
    StageBug("X_accumulated_sum", "optimizers.accumulation:default", _CHECK, _Summed,
             "optimizer.lr", "3 times the rate"),
]  # fmt: skip
