"""The failure page, letter by letter."""

from dataclasses import replace

from harness.report import failure
from harness.verdict import (
    AGREES,
    DIVERGES,
    LATENT,
    Culprit,
    Measurement,
    Result,
    TraceRow,
    Verdict,
)

CASE = "blocks.bottleneck:stride2-forward_eval-pynative-f32"
LABELS = {"reference": "torch 2.13.0 CPU float32", "candidate": "mindspore 2.10.0 CPU float32"}


def _wrong(module: str, ratio: float, **more: object) -> Result:
    found = Measurement(
        DIVERGES, "value", "max", 8.7e-7 * ratio, 8.7e-7, 2.6e-5, ratio, 4.0, 6144, 0.97,
        (3, 21, 6, 7), (4.0958, 4.09886, 4.09886),
    )  # fmt: skip
    return Result(f"{module}:out", "isolated", module, "eval", replace(found, **more))  # type: ignore[arg-type]


def _right(module: str) -> Result:
    return Result(f"{module}:out", "isolated", module, "eval", Measurement(AGREES, ratio=1.0))


WRONG = {"bn1": 3517.0, "bn2": 2963.0, "bn3": 3105.0, "downsample.1": 3402.0}
RESULTS = (
    *(_right(m) for m in ("conv1", "conv2", "conv3", "downsample.0")),
    *(_wrong(m, ratio) for m, ratio in WRONG.items()),
)
CULPRITS = tuple(
    Culprit(m, "BatchNorm2d", "BatchNorm2d", False, (_wrong(m, ratio),), (("eps", 1e-5, 1e-3),))
    for m, ratio in WRONG.items()
)
TRACE = (
    TraceRow("conv1", 6.4e-7, 6.4e-7, 1.0, ""),
    TraceRow("bn1", 3.1e-3, 8.7e-7, 3517.0, "starts here"),
    TraceRow("downsample.0", 8.3e-7, 7.9e-7, 1.1, ""),
    TraceRow("downsample.1", 3.4e-3, 9.9e-7, 3402.0, "starts here"),
    TraceRow("", 3.5e-3, 8.6e-7, 4105.0, "downstream"),
)
VERDICT = Verdict(
    CASE, "forward_eval", 0, LABELS, RESULTS, CULPRITS,
    trace=TRACE,
    right=("conv1", "conv2", "conv3", "downsample.0"),
    compared=8,
    bundle="bundles/blocks.bottleneck-stride2-forward_eval-pynative-f32",
)  # fmt: skip

PAGE = """\
blocks.bottleneck:stride2-forward_eval-pynative-f32                               seed 0
torch 2.13.0 CPU float32  vs  mindspore 2.10.0 CPU float32 PyNative

The two blocks disagree in eval mode. It starts at bn1 and, separately, at downsample.1;
everything feeding those two agrees. Wrong alone: bn1, bn2, bn3 and downsample.1.

  entry           mindspore err   torch's own err   ratio  (limit 30)
  conv1                 6.4e-07           6.4e-07     1.0
  bn1                   3.1e-03           8.7e-07    3517  <- starts here
  downsample.0          8.3e-07           7.9e-07     1.1
  downsample.1          3.4e-03           9.9e-07    3402  <- starts here
  out                   3.5e-03           8.6e-07    4105  downstream
  (5 outputs compared; 0 more downstream)

  bn1[3,21,6,7]   mindspore 4.0958   torch 4.09886   float64 4.09886
  97% of its elements are outside the limit.

Each module alone, fed torch's input:
  wrong  bn1 bn2 bn3 downsample.1
  right  conv1 conv2 conv3 downsample.0
  wrong modules bn1, bn2, bn3 and downsample.1 are all BatchNorm2d; settings that differ:
    eps   torch 1e-05   mindspore 0.001
    bn1:out (eval): error 3.1e-03, torch's own 8.7e-07, ratio 3517

  (8 entries compared; 4 agrees; 4 diverges)

rerun   pytest -k "blocks.bottleneck:stride2-forward_eval-pynative-f32"
replay  python -m harness replay bundles/blocks.bottleneck-stride2-forward_eval-pynative-f32
narrow  pytest -k "layers.batchnorm2d:"
"""

IN_CHINESE = """\
blocks.bottleneck:stride2-forward_eval-pynative-f32                           随机种子 0
torch 2.13.0 CPU float32  对照  mindspore 2.10.0 CPU float32 PyNative 模式

这两个网络块在推理模式下结果不一致。差异始于 bn1 以及与之独立的 downsample.1；这两处的所
有输入都一致。单独运行就出错的模块：bn1、bn2、bn3 和 downsample.1。

  条目            MindSpore 误差    torch 自身误差    比值  （上限 30）
  conv1                  6.4e-07           6.4e-07     1.0
  bn1                    3.1e-03           8.7e-07    3517  <- 始于此处
  downsample.0           8.3e-07           7.9e-07     1.1
  downsample.1           3.4e-03           9.9e-07    3402  <- 始于此处
  out                    3.5e-03           8.6e-07    4105  受上游影响
  （共比较 5 个输出；另有 0 个受上游影响）

  bn1[3,21,6,7]   mindspore 4.0958   torch 4.09886   float64 4.09886
  其中 97% 的元素超出上限。

各模块单独运行，输入取自 torch：
  错误  bn1 bn2 bn3 downsample.1
  正确  conv1 conv2 conv3 downsample.0
  出错的模块（bn1、bn2、bn3 和 downsample.1）都是 BatchNorm2d；不同的设置：
    eps   torch 1e-05   mindspore 0.001
    bn1:out（推理）：误差 3.1e-03，torch 自身误差 8.7e-07，比值 3517

  （共比较 8 项；4 项一致；4 项超限）

重跑    pytest -k "blocks.bottleneck:stride2-forward_eval-pynative-f32"
复现    python -m harness replay bundles/blocks.bottleneck-stride2-forward_eval-pynative-f32
缩小    pytest -k "layers.batchnorm2d:"
"""


def test_a_failure_reads_like_this() -> None:
    assert failure.page(VERDICT) + "\n" == PAGE


def test_a_failure_reads_like_this_in_chinese() -> None:
    assert failure.page(VERDICT, lang="zh") + "\n" == IN_CHINESE


def test_a_wrong_construct_is_told_with_its_source_line() -> None:
    fed = Result(
        "conv3<in", "wiring", "", "eval",
        Measurement(DIVERGES, "value", "max", 1.8, 6e-8, 1.8e-6, 9e6),
    )  # fmt: skip
    culprit = Culprit("", "Bottleneck", "Bottleneck", True, (fed,), source="my_port.py:41")
    verdict = Verdict(CASE, "forward_eval", 0, results=(fed,), culprits=(culprit,), compared=1)
    page = failure.page(verdict)
    assert "Wrong alone: the root (its own construct)." in page
    assert (
        "  the root (Bottleneck): its children are right, its own construct is wrong\n"
        "  (my_port.py:41)\n"
        "    what it feeds to conv3 (eval): error 1.8e+00, torch's own 6.0e-08, ratio 9e+06\n"
    ) in page


def test_a_latent_fault_is_a_warning_of_its_own() -> None:
    masked = _wrong("maxpool", 4e6, status=LATENT)
    culprit = Culprit("maxpool", "MaxPool2d", "SequentialCell", False, (masked,))
    lines = failure.latent(Verdict(CASE, "backward", 0, latent=(culprit,)))
    assert lines[1].startswith("Latent: maxpool is wrong alone, but this network's own structure")
    assert failure.latent(Verdict(CASE, "backward", 0)) == []


def test_a_reference_that_is_far_from_float64_is_named() -> None:
    off = Result(
        "act:out", "isolated", "act", "eval",
        Measurement(AGREES, "", "max", 1e-7, 3e-4, 9e-3, 3e-4, 1.0, 10, far="torch"),
    )  # fmt: skip
    page = failure.page(Verdict(CASE, "forward_eval", 0, results=(off, *RESULTS)))
    assert (
        "note    torch itself is off at act:out (eval): error 3.0e-04, the port's 1.0e-07; look "
        "at the reference"
    ) in page
