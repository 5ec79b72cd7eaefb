"""What the examples of the API map are fed: inputs by name."""

import ast

from harness.inputs import Input

#: Names that an example may use without saying what they are.
INPUTS: dict[str, Input] = {
    "x": Input((2, 3, 4)),
    "y": Input((2, 3, 4)),
    "z": Input((2, 3, 4)),
    "positive": Input((2, 3, 4), draw="uniform", low=0.1, high=3.0),
    "unit": Input((2, 3, 4), draw="uniform", low=0.05, high=0.95),
    "row": Input((6,)),
    "column": Input((6,)),
    "matrix": Input((4, 5)),
    "other_matrix": Input((5, 3)),
    "square": Input((4, 4)),
    "batch": Input((2, 4, 5)),
    "other_batch": Input((2, 5, 3)),
    "features": Input((4, 6)),
    "sequence": Input((2, 5, 8)),
    "series": Input((2, 4, 10)),
    "image": Input((2, 4, 8, 6)),
    "large_image": Input((1, 3, 32, 32)),
    "volume": Input((1, 4, 5, 6, 4)),
    "kernel": Input((6, 4, 3, 3)),
    "kernel1d": Input((6, 4, 3)),
    "weight": Input((3, 6)),
    "bias": Input((3,)),
    "scale": Input((4,), draw="uniform", low=0.5, high=1.5),
    "shift": Input((4,)),
    "query": Input((2, 2, 5, 4)),
    "key": Input((2, 2, 6, 4)),
    "val": Input((2, 2, 6, 4)),
    "grid": Input((2, 5, 7, 2), draw="uniform", low=-0.9, high=0.9),
    "logits": Input((4, 5)),
    "log_probabilities": Input((4, 5), draw="uniform", low=-4.0, high=-0.1),
    "probabilities": Input((4, 5), draw="uniform", low=0.05, high=0.95),
    "target": Input((4, 5), draw="uniform", low=0.05, high=0.95),
    "labels": Input((4,), "int64", "integers", low=0, high=5),
    "signs": Input((4,), "float32", "uniform", low=0.5, high=1.0),
    "ids": Input((2, 5), "int64", "integers", low=0, high=7),
    "integers": Input((2, 3, 4), "int64", "integers", low=-5, high=9),
    "divisors": Input((2, 3, 4), "int64", "integers", low=1, high=5),
    "counts": Input((6,), "int64", "integers", low=0, high=6),
    "mask": Input((2, 3, 4), "bool", "boolean"),
    "other_mask": Input((2, 3, 4), "bool", "boolean"),
    "index": Input((2, 3, 4), "int64", "permutation"),
    "order": Input((3,), "int64", "permutation"),
    "w": Input((256, 64)),
    "v": Input((256,)),
    "w4": Input((64, 32, 3, 3)),
}

#: Names that ``torch.optim`` and ``torch.optim.lr_scheduler`` examples may use besides.
_OWN = frozenset({"params", "optimizer", "net", "torch", "mindspore", "ms", "nn", "ops", "mint"})


def inputs_of(expression: str) -> list[str]:
    """The inputs that an expression uses, in the order in which INPUTS lists them."""
    tree = ast.parse(expression, mode="eval")
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - _OWN
    return [name for name in INPUTS if name in names]
