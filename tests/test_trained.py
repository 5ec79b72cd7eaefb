"""Networks with the trained weights that packages of the ``test`` extra ship, on real inputs.

Each is converted by ``python -m harness convert``, loaded by MindSpore itself, and run in both
frameworks: whatever is predicted must be the same, sample by sample.
"""

import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from trained_inputs import (
    G2P_NAMES,
    HEAD,
    LAYER,
    LONGEST,
    REACTIONS,
    READINGS,
    START,
    digits,
    element_of,
    homographs,
    house_numbers,
    photographs,
    prose,
    shipped,
    spelled,
    spoken,
    tokens_of,
    zip_codes,
)

from harness.backends.base import Settings
from harness.checkpoint import read_checkpoint, write_checkpoint
from harness.checks import check_pair
from harness.cli import main
from harness.evaluation import Comparison, compare
from harness.evidence import Evidence
from harness.pair import Pair
from harness.registry import find_pair
from harness.report import failure
from harness.subject import Given, Side

pytestmark = pytest.mark.usefixtures("frameworks")


def _outputs(side: Side, *inputs: np.ndarray) -> list[np.ndarray]:
    return list(side.backend.run(side.model, inputs, train=False).output.values())


@dataclass(frozen=True)
class Converted:
    """A network with its torch weights, and the checkpoint that ``convert`` made of them."""

    pair: Pair
    variant: str
    weights: Path
    checkpoint: Path

    @cached_property
    def given(self) -> Given:
        return Given(
            dict(read_checkpoint(self.weights).arrays),
            dict(read_checkpoint(self.checkpoint).arrays),
        )

    @cached_property
    def evidence(self) -> Evidence:
        """Both networks; MindSpore's own loader has read the checkpoint into its one."""
        import mindspore as ms

        found = Evidence(self.pair, self.variant, given=self.given)
        loaded = ms.load_checkpoint(str(self.checkpoint))
        missing, unused = ms.load_param_into_net(found.bare_port.model, loaded)
        tied = [(p.name, p.shares) for p in found.bare_port.inventory.parameters if p.shares]
        assert missing == []
        assert set(unused) <= set(chain(*tied))
        return found

    @cached_property
    def sides(self) -> tuple[Side, Side]:
        """torch and MindSpore."""
        return self.evidence.torch, self.evidence.bare_port

    def run(self, *inputs: np.ndarray) -> Iterator[list[np.ndarray]]:
        """The outputs of torch and of MindSpore in eval mode."""
        return (_outputs(side, *inputs) for side in self.sides)

    def judge(self, *inputs: np.ndarray, backward: bool = True) -> None:
        """Every module alone and the whole network on real inputs; backward: in train mode, too."""
        given = Given(self.given.parameters, self.given.port_parameters, inputs)
        checks = ["forward_eval", *(["forward_train", "backward"] if backward else [])]
        for verdict in check_pair(self.pair, variants=[self.variant], checks=checks, given=given):
            assert verdict.passed, failure.page(verdict)
            assert verdict.results

    def compare(self, images: np.ndarray, labels: np.ndarray) -> Comparison:
        """Metrics of both sides on labelled images, and what each disagreement is."""
        names = [str(number) for number in range(len(labels))]
        return compare(self.pair, self.variant, 0, Settings(), self.given, images, labels, names)


def _convert(name: str, weights: Path, folder: Path, variant: str = "published") -> Converted:
    target = folder / f"{name}.ckpt"
    assert main(["convert", name, str(weights), str(target), "--variant", variant]) == 0
    return Converted(find_pair(name), variant, weights, target)


@pytest.mark.parametrize(
    ("name", "inputs", "count"), [("svhn", house_numbers, 500), ("usps", zip_codes, 1797)]
)
def test_convolutions_with_batchnorm_read_the_same_digits(
    tmp_path: Path, name: str, inputs, count: int
) -> None:
    """ccexam's weights on its own labelled samples and on scikit-learn's digits."""
    network = _convert(name, shipped("ccexam", "weights", f"{name}.pth"), tmp_path, "default")
    pictures, labels = photographs(name)
    for logits in network.run(inputs(pictures)):
        assert logits[0].argmax(1).tolist() == labels.tolist()
    pictures, labels = digits(count)
    found = network.compare(inputs(pictures), labels)
    print(f"{name}: {found.agreement} of {count} digits alike, "
          f"right {found.torch.accuracy:.2%} and {found.mindspore.accuracy:.2%}")  # fmt: skip
    assert found.disagreements == ()
    assert found.torch.accuracy == found.mindspore.accuracy > 0.6
    assert found.torch.by_class == found.mindspore.by_class
    network.judge(inputs(pictures[:16]))


@pytest.mark.parametrize("every", [pytest.param(1, marks=pytest.mark.slow), 6])
def test_a_gru_pronounces_the_same_words(tmp_path: Path, every: int) -> None:
    """g2p_en's weights, decoded greedily in both frameworks, each feeding back its own phonemes."""
    with np.load(shipped("g2p_en", "checkpoint20.npz")) as published:
        weights = {G2P_NAMES[name]: published[name] for name in published}
    write_checkpoint(tmp_path / "g2p.pth", weights, "torch")
    network = _convert("g2p", tmp_path / "g2p.pth", tmp_path)
    listed = homographs()
    words = list(dict.fromkeys([*listed, *prose()]))[::every]
    letters, lengths = spelled(words)
    said = []
    for side in network.sides:
        phonemes = np.full((len(words), 1), START)
        for _ in range(LONGEST):
            (logits,) = _outputs(side, letters, lengths, phonemes)
            phonemes = np.hstack([phonemes, logits[:, -1:].argmax(2)])
        said.append(spoken(phonemes))
    known = [word for word in words if word in listed]
    right = [sum(say in listed[word] for word, say in zip(known, side)) for side in said]
    alike = sum(one == other for one, other in zip(*said))
    print(f"g2p: {alike} of {len(words)} words alike; of {len(known)} homographs as listed "
          f"{right[0]} and {right[1]}; {words[-1]} is {said[1][-1]}")  # fmt: skip
    assert said[0] == said[1]
    assert right[0] == right[1] > len(known) / 2
    # MindSpore's Tanh, which its GRU is made of, is off by up to 1e-4 on CPU.
    judged = letters[:16], lengths[:16], phonemes[:16, :8]
    network.judge(*judged, backward=every == 1)


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # g2pM opens files only
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_lstm_reads_the_same_characters(tmp_path: Path) -> None:
    """g2pM's weights; what both frameworks read is what the package's own NumPy code reads."""
    from g2pM import G2pM

    package = G2pM()
    with shipped("g2pM", "np_ckpt.pkl").open("rb") as file:
        write_checkpoint(tmp_path / "g2pm.safetensors", pickle.load(file), "torch")
    network = _convert("g2pm", tmp_path / "g2pm.safetensors", tmp_path)
    characters, read, expected = 0, [], []
    for character, sentences in READINGS.items():
        for sentence, readings in sentences.items():
            text = f"시{sentence}끝"  # the package's marks of both ends
            ids = np.array([[package.char2idx[one] for one in text]])
            torch, port = (logits[0].argmax(1) for (logits,) in network.run(ids))
            assert torch.tolist() == port.tolist()
            assert torch.tolist() == package.predict(ids, range(len(text))).tolist()
            characters += len(sentence)
            read += [package.idx2class[port[i]] for i, one in enumerate(text) if one == character]
            expected += readings.split()
    right = sum(one == other for one, other in zip(read, expected))
    print(f"g2pm: {characters} of {characters} characters alike; {right} of {len(expected)} right")
    assert len(read) == len(expected)
    assert right > len(expected) / 2
    network.judge(ids)


@pytest.mark.parametrize("every", [pytest.param(1, marks=pytest.mark.slow), 6])
def test_a_transformer_completes_the_same_reactions(tmp_path: Path, every: int) -> None:
    """rxnmapper's ALBERT: tokens of products that are masked in turn, and where atoms are from.

    The file holds a pooler, which the network of masked tokens has not.
    """
    folder = shipped("rxnmapper", "models", "transformers", "albert_heads_8_uspto_all_1310k")
    weights = read_checkpoint(folder / "pytorch_model.bin").arrays
    kept = {name: array for name, array in weights.items() if ".pooler." not in name}
    write_checkpoint(tmp_path / "albert.pth", kept, "torch")
    network = _convert("albert", tmp_path / "albert.pth", tmp_path)
    vocabulary = (folder / "vocab.txt").read_text().splitlines()
    ids_of = {token: number for number, token in enumerate(vocabulary)}
    masked = mapped = restored = of_one_element = 0
    for reaction in REACTIONS:
        tokens = tokens_of(reaction, vocabulary)
        ids = np.array([ids_of[token] for token in tokens])
        product = np.arange(tokens.index(">>") + 1, len(tokens) - 1)
        hidden = product[::every]
        batch = np.repeat(ids[None], len(hidden) + 1, axis=0)
        batch[np.arange(len(hidden)), hidden] = ids_of["[MASK]"]  # the last row stays whole
        ones = np.ones_like(batch)
        torch, port = network.run(batch, ones)
        guesses = [side[0][np.arange(len(hidden)), hidden].argmax(1) for side in (torch, port)]
        assert guesses[0].tolist() == guesses[1].tolist()
        masked += len(hidden)
        restored += int((guesses[1] == ids[hidden]).sum())
        elements = np.array([element_of(token) for token in tokens])
        before = np.flatnonzero(elements[: product[0]] != "")
        after = product[elements[product] != ""]
        looks = [side[1 + LAYER][-1, HEAD][np.ix_(after, before)] for side in (torch, port)]
        sources = [before[look.argmax(1)] for look in looks]
        assert sources[0].tolist() == sources[1].tolist()
        mapped += len(after)
        of_one_element += int((elements[sources[1]] == elements[after]).sum())
    print(f"albert: {masked} of {masked} masked tokens alike, {restored} right; "
          f"{mapped} of {mapped} atoms alike, {of_one_element} of their own element")  # fmt: skip
    assert restored > masked / 2
    assert of_one_element > 0.9 * mapped
    network.judge(batch[-2:], ones[-2:], backward=every == 1)
