"""The command line: arguments only. Commands are imported when they run, so ``--help`` is instant.

Exit codes: 0 equivalent (or done), 1 divergent, 2 the command or its input is wrong, 3 nothing is
wrong as far as a budget let it be judged.
"""

import argparse
import importlib
import sys
from collections.abc import Sequence

from harness import __version__, languages
from harness.errors import HarnessError

EQUIVALENT, DIVERGENT, WRONG_INPUT = 0, 1, 2


def build_parser() -> argparse.ArgumentParser:
    """The whole command line."""
    parser = argparse.ArgumentParser(
        prog="python -m harness",
        description="Does a MindSpore network compute what its PyTorch original computes?",
        epilog="exit codes: 0 equivalent, 1 divergent, 2 the command or its input is wrong, 3 "
        "nothing is wrong as far as --budget let it be judged",
    )
    parser.add_argument("--version", action="version", version=f"harness {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    check = commands.add_parser("check", help="run the battery on a pair and give the verdict")
    _pair(check)
    _given(check)
    _running(check)
    check.add_argument("--checks", metavar="A,B", help="only these checks of the battery")
    check.add_argument("--budget", metavar="memory=4GB,minutes=10",
                       help="judge modules in parts that fit into so much memory, and no longer "
                            "than so many minutes; either alone will do")  # fmt: skip
    check.add_argument("--known", metavar="FILE",
                       help="ledger of known divergences: shown, and no failure")  # fmt: skip
    _bundles(check)
    check.add_argument("--strict-latent", action="store_true",
                       help="a module that is wrong where its network masks it fails")  # fmt: skip
    _results(check)
    check.add_argument("--mode", choices=("pynative", "graph"), help="only checks of this mode")
    check.add_argument("--all-variants", action="store_true", help="every variant, not the first")
    check.add_argument("-v", "--verbose", action="store_true", help="one row for every module")
    check.add_argument("--lang", **languages.option())

    new = commands.add_parser(
        "new", help="write the first port of a torch network, and say what is left to you"
    )
    new.add_argument("name", metavar="NAME", help="the new package: my_port, mypkg.ports.unet")
    new.add_argument("--torch", required=True, metavar="MODULE:NAME",
                     help="the class of the network, or a function that builds it")  # fmt: skip
    new.add_argument("--kwargs", action="append", default=[], metavar="'KEY=VALUE, ...'",
                     help="what it is called with, e.g. num_classes=10")  # fmt: skip
    new.add_argument("--input", action="append", default=[], metavar="2,3,32,32",
                     help="the shape of an input; once for each that forward takes")  # fmt: skip
    new.add_argument("--out", default=".", metavar="DIR",
                     help="where the package goes (default: here)")  # fmt: skip
    new.add_argument("--package", default="", metavar="PACKAGE",
                     help="the package that DIR is, if it is one")  # fmt: skip
    new.add_argument("--force", action="store_true", help="overwrite files that exist")

    migrate = commands.add_parser(
        "migrate", help="convert, load, run both on real images, and give the verdict"
    )
    _pair(migrate)
    _given(migrate)
    _running(migrate)
    migrate.add_argument("--out", default="migrated", metavar="DIR",
                         help="where the converted .ckpt goes (default: migrated)")  # fmt: skip
    migrate.add_argument("-v", "--verbose", action="store_true", help="one row for every module")
    migrate.add_argument("--lang", **languages.option())

    train = commands.add_parser(
        "train", help="train a recipe in one framework, or in both in lockstep with a verdict"
    )
    train.add_argument("pair", metavar="PAIR", help="a recipe pair, or the network that one trains")
    train.add_argument("--framework", choices=("torch", "mindspore", "both"), default="both")
    train.add_argument("--recipe", metavar="FILE.toml", help="another recipe for this network")
    train.add_argument("--set", action="append", default=[], metavar="KEY=VALUE",
                       help="override a setting, e.g. epochs=1 or optimizer.lr=0.01")  # fmt: skip
    _data(train)
    train.add_argument("--out", default="trained", metavar="DIR",
                       help="where checkpoints and logs go (default: trained)")  # fmt: skip
    train.add_argument("--resume", metavar="FILE", help="go on from a state that --out holds")
    train.add_argument("--log-every", type=int, default=100, metavar="BATCHES")
    train.add_argument("--limit", type=int, default=0, metavar="BATCHES",
                       help="only so many batches of every epoch")  # fmt: skip
    train.add_argument(
        "--profile-run", action="store_true", help="also write the framework's profile of an epoch"
    )
    train.add_argument("--processes", type=int, default=1, metavar="N",
                       help="train nothing: start N data-parallel processes of each framework "
                            "(msrun, gloo), check that they step as one (default 1)")  # fmt: skip
    train.add_argument("--seed", type=int, default=0, help="all draws derive from it (default 0)")
    _device(train)
    _results(train)
    train.add_argument("--lang", **languages.option())

    evaluate = commands.add_parser(
        "evaluate", help="trained weights on labelled images in both frameworks"
    )
    _pair(evaluate)
    evaluate.add_argument("--weights", metavar="FILE", help="a torch checkpoint")
    evaluate.add_argument("--checkpoint", metavar="FILE",
                          help="a MindSpore checkpoint that you converted")  # fmt: skip
    _data(evaluate)
    evaluate.add_argument("--limit", type=int, default=0, metavar="IMAGES")
    evaluate.add_argument("--mean", metavar="R,G,B", help="of the network's own normalisation")
    evaluate.add_argument("--std", metavar="R,G,B")
    _running(evaluate)
    evaluate.add_argument("--lang", **languages.option())

    recipe = commands.add_parser(
        "recipe", help="the training checklist of a pair; with two, what they say differently"
    )
    recipe.add_argument("pair", metavar="PAIR", help="a recipe pair, its network, or a TOML file")
    recipe.add_argument("other", nargs="?", metavar="OTHER", help="another one to compare with")
    recipe.add_argument("--set", action="append", default=[], metavar="KEY=VALUE",
                        help="override a setting, e.g. epochs=1 or optimizer.lr=0.01")  # fmt: skip
    recipe.add_argument("--lang", **languages.option())

    params = commands.add_parser("params", help="parameters of both sides, side by side")
    _pair(params)
    params.add_argument("--map", metavar="FILE", help="explicit dictionary, .json or .toml")

    convert = commands.add_parser("convert", help="convert a checkpoint between the frameworks")
    _pair(convert)
    convert.add_argument("source", metavar="SRC", help=".pth .pt .th .bin .ckpt .safetensors "
                                                       ".safetensors.index.json")  # fmt: skip
    convert.add_argument("target", metavar="DST", help="the suffix chooses the format")
    convert.add_argument("--shard-size", metavar="SIZE",
                         help="write .safetensors in shards of at most so much, e.g. 500MB, and "
                              "their .index.json")  # fmt: skip
    convert.add_argument("--ignore", action="append", default=[], metavar="PATTERN",
                         help="leave out names of SRC that match, e.g. 'head.*'; may be given "
                              "several times")  # fmt: skip
    convert.add_argument("--map", metavar="FILE", help="explicit dictionary, .json or .toml")

    replay = commands.add_parser("replay", help="repeat a failure from its bundle alone")
    replay.add_argument("bundle", metavar="BUNDLE", help="the folder that a failing case wrote")
    replay.add_argument("--timeout", type=float, default=1800.0, metavar="SECONDS")
    replay.add_argument("--in-process", action="store_true",
                        help="no worker process: for debuggers and profilers")  # fmt: skip
    replay.add_argument("--lang", **languages.option())

    reduce = commands.add_parser("reduce", help="shrink a failure to its smallest block and input")
    _pair(reduce)
    _given(reduce)
    _running(reduce)
    _bundles(reduce)
    reduce.add_argument("--lang", **languages.option())

    precision = commands.add_parser("precision", help="the dtype every module really computes in")
    _pair(precision)
    precision.add_argument("--amp", choices=("O0", "O1", "O2", "O3", "auto"), default="O0",
                           help="MindSpore's level of mixed precision (default O0: none); torch "
                                "runs under autocast, for O3 in float16")  # fmt: skip
    precision.add_argument("--train", action="store_true", help="in train mode")
    _running(precision)

    record = commands.add_parser("record", help="run one side and save its trace")
    _pair(record)
    _given(record)
    record.add_argument("--backend", required=True, choices=("torch", "torch64", "mindspore"))
    record.add_argument("-o", "--output", required=True, metavar="FILE.npz")
    record.add_argument("--from", dest="reference", metavar="FILE.npz",
                        help="torch's trace: use its parameters and inputs, and run every module "
                             "alone on what it recorded")  # fmt: skip
    record.add_argument("--seed", type=int, default=0)
    record.add_argument("--ms-device", default="CPU", metavar="DEVICE")

    compare = commands.add_parser("compare", help="judge three traces; needs neither framework")
    for name in ("candidate", "reference", "oracle"):
        compare.add_argument(name, metavar=name.upper())
    compare.add_argument("--profile", default="", metavar="FILE",
                         help="the candidate's device profile, if not the shipped one")  # fmt: skip
    compare.add_argument("-v", "--verbose", action="store_true", help="one row for every module")
    compare.add_argument("--lang", **languages.option())

    merge = commands.add_parser("merge", help="the runs of several machines as one report")
    merge.add_argument("results", nargs="+", metavar="FILE.json", help="what pytest --results kept")
    _report(merge)

    report = commands.add_parser(
        "report", help="show what a run kept; with a newer run, what changed since"
    )
    report.add_argument("results", metavar="A.json", help="what pytest or check --results kept")
    report.add_argument("newer", nargs="?", metavar="B.json",
                        help="a newer run: it is shown, with what changed; exit code 1 where "
                             "something newly fails")  # fmt: skip
    _report(report)

    scan = commands.add_parser(
        "scan", help="which torch APIs a source uses, and what each call becomes in MindSpore"
    )
    scan.add_argument(
        "target", metavar="PATH", help="a file, a folder or an installed module; never imported"
    )
    scan.add_argument("-v", "--verbose", action="store_true", help="every use of every file")
    scan.add_argument(
        "--status", metavar="A,B", help="only same, differs, missing, not on CPU, unresolved"
    )
    scan.add_argument("--json", metavar="FILE", help="write everything as JSON ('-': print it)")
    scan.add_argument("--html", metavar="FILE", help="write one self-contained page")
    scan.add_argument("--min-resolved", type=float, default=0.0, metavar="PERCENT",
                      help="exit with 1 where fewer torch calls are resolved")  # fmt: skip

    apimap = commands.add_parser(
        "map", help="the API map: what each torch API becomes, as it was run"
    )
    apimap.add_argument(
        "names", nargs="*", metavar="API", help="torch.nn.Conv2d, or part of a name"
    )
    apimap.add_argument("--status", metavar="A,B", help="only rows of these statuses")
    apimap.add_argument("--run", action="store_true",
                        help="run the rows on the installed versions and fail where one does not "
                             "do what it says")  # fmt: skip
    apimap.add_argument(
        "--update", action="store_true", help="run every row, write it, print what changed"
    )

    layers = commands.add_parser(
        "layers", help="every layer and function pair, its variants, and what the device lacks"
    )
    layers.add_argument("--ms-device", default="CPU", metavar="DEVICE")
    layers.add_argument("--profile", default="", metavar="FILE",
                        help="a device profile in place of the shipped one")  # fmt: skip

    listing = commands.add_parser("list", help="the registered pairs and their variants")
    listing.add_argument("--pair", action="append", default=[], metavar="MODULE[:NAME]")
    listing.add_argument("--cases", action="store_true", help="every case id")
    listing.add_argument("--measure", nargs="*", metavar="PAIR",
                         help="run the battery of networks (default: all) and write down their "
                              "parameters, modules, seconds and worst e/r")  # fmt: skip
    _running(listing)

    calibrate = commands.add_parser("calibrate", help="the distribution of e/r over clean pairs")
    calibrate.add_argument(
        "pairs", nargs="*", metavar="PAIR", help="default: all that are not slow"
    )
    calibrate.add_argument("--variant", help="only this variant of the pairs (default: all)")
    calibrate.add_argument("--seeds", type=int, default=5)
    calibrate.add_argument("--write-profile", metavar="FILE",
                           help="measure what the device's kernels cost on the layer pairs and "
                                "write it as a device profile")  # fmt: skip
    _device(calibrate)

    bench = commands.add_parser(
        "bench", help="what the harness costs beside the bare work, as ratios within limits"
    )
    bench.add_argument(
        "results", nargs="?", metavar="FILE.json",
        help="what --json or pytest --benchmark-json kept (default: measure)",
    )  # fmt: skip
    bench.add_argument("-k", dest="only", metavar="EXPRESSION", help="only these benchmarks")
    bench.add_argument("--json", metavar="FILE", help="keep the times of every round")
    bench.add_argument(
        "--compare", metavar="OLD.json",
        help="fail where a ratio grew by more than a tenth, beyond the noise of both runs",
    )  # fmt: skip
    bench.add_argument("--update-readme", action="store_true", help="replace README's table")

    doctor = commands.add_parser(
        "doctor", help="versions, devices, limits, what will not work and the fix"
    )
    doctor.add_argument("--ms-device", default="CPU", metavar="DEVICE")
    doctor.add_argument("--html", metavar="FILE", help="write the report as one page, too")
    doctor.add_argument("--json", metavar="FILE", help="write it as JSON, too; - prints only that")
    doctor.add_argument("--lang", **languages.option())
    return parser


def _pair(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("pair", metavar="PAIR", help="networks.resnet50, resnet50 or module:NAME")
    parser.add_argument("--variant", help="a variant of the pair (default: its first)")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE",
                        help="override an argument, e.g. num_classes=1000")  # fmt: skip


def _given(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--weights", metavar="FILE", help="a torch checkpoint")
    parser.add_argument("--checkpoint", metavar="FILE",
                        help="a MindSpore checkpoint that you converted")  # fmt: skip
    parser.add_argument("--input", "--images", dest="input", metavar="PATH",
                        help="an array (.npy), labelled images (.npz with x and y), an image or a "
                             "folder of images")  # fmt: skip
    parser.add_argument("--mean", metavar="R,G,B", help="of the network's own normalisation")
    parser.add_argument("--std", metavar="R,G,B")


def _data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", metavar="PATH",
                        help="CIFAR-10's folder in its binary layout, one of its files, or an .npz "
                             "with x and y (default: scikit-learn's digits)")  # fmt: skip


def _device(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--ms-device", default="CPU", metavar="DEVICE",
                        help="CPU, Ascend, GPU; CPU:f16 simulates a device whose convolutions and "
                             "matrix products round to float16")  # fmt: skip
    parser.add_argument("--profile", default="", metavar="FILE",
                        help="a device profile in place of the shipped one")  # fmt: skip


def _bundles(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--bundle-dir", default="bundles", metavar="DIR",
                        help="where failing cases write what replays them (default: bundles; "
                             "'' for nowhere)")  # fmt: skip


def _results(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--results", action="append", default=[], metavar="FILE",
                        help="keep what was found: as .json (for report and merge), as a page "
                             "(.html), or a summary (.md); may be given several times")  # fmt: skip


def _report(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--output", action="append", default=[], metavar="FILE",
                        help="also write it, as .json, as a page (.html) or as a summary (.md); "
                             "may be given several times")  # fmt: skip
    parser.add_argument("--lang", **languages.option())
    parser.add_argument("-v", "--verbose", action="store_true",
                        help="every module, and the page of every failure")  # fmt: skip


def _running(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=0, help="all draws derive from it (default 0)")
    _device(parser)
    parser.add_argument("--timeout", type=float, default=1800.0, metavar="SECONDS",
                        help="stop a run that hangs in native code (default 1800)")  # fmt: skip
    parser.add_argument("--in-process", action="store_true",
                        help="no worker process: for debuggers and profilers")  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    arguments = build_parser().parse_args(argv)
    command = importlib.import_module(f"harness.commands.{arguments.command}")
    try:
        return command.run(arguments)
    except HarnessError as error:
        print(f"error: {error}", file=sys.stderr)
        return WRONG_INPUT
    except ModuleNotFoundError as error:
        if error.name not in (
            "torch",
            "mindspore",
            "torchvision",
            "PIL",
            "sklearn",
            "safetensors",
            "rich",
        ):
            raise
        print(f"error: this command needs {error.name}, which is not installed; see the README's "
              f"set-up.", file=sys.stderr)  # fmt: skip
        return WRONG_INPUT
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
