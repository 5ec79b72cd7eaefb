"""torch.nn.AdaptiveAvgPool2d in MindSpore, and its ReduceMean form for output size 1."""

from mindspore import Tensor, nn, ops

AdaptiveAvgPool2d = nn.AdaptiveAvgPool2d


class ReduceMean(nn.Cell):
    """The mean over height and width with kept dimensions: adaptive pooling to 1 x 1."""

    def __init__(self, output_size: int = 1):
        super().__init__()
        if output_size != 1:
            raise ValueError(f"ReduceMean pools to 1 x 1 only, not {output_size}")
        self.mean = ops.ReduceMean(keep_dims=True)

    def construct(self, x: Tensor) -> Tensor:
        return self.mean(x, (2, 3))
