"""Networks with the trained weights that packages of the ``test`` extra ship, on real inputs.

Each is converted by ``python -m harness convert``, loaded by MindSpore itself, and run in both
frameworks: whatever is predicted must be the same, sample by sample.
"""

import importlib.util
import pickle
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from harness.backends.base import Settings
from harness.checkpoint import read_checkpoint, write_checkpoint
from harness.checks import check_pair
from harness.cli import main
from harness.evaluation import Comparison, compare
from harness.evidence import Evidence
from harness.images import normalise
from harness.pair import Pair
from harness.registry import find_pair
from harness.report import failure
from harness.subject import Given, Side

pytestmark = pytest.mark.usefixtures("frameworks")


def _shipped(package: str, *parts: str) -> Path:
    """A file of an installed package, which is not imported for it."""
    found = importlib.util.find_spec(package)
    assert found and found.submodule_search_locations, f"{package} is missing: install .[test]"
    return Path(found.submodule_search_locations[0], *parts)


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
        assert ms.load_param_into_net(found.bare_port.model, loaded) == ([], [])
        return found

    @cached_property
    def sides(self) -> tuple[Side, Side]:
        """torch and MindSpore."""
        return self.evidence.torch, self.evidence.bare_port

    def run(self, *inputs: np.ndarray) -> Iterator[list[np.ndarray]]:
        """The outputs of torch and of MindSpore in eval mode."""
        return (_outputs(side, *inputs) for side in self.sides)

    def judge(self, *inputs: np.ndarray, coarse: Collection[str] = ()) -> None:
        """Every module alone and the whole network on real inputs, forward and backward.

        coarse: modules whose own kernel is known to be less accurate than float32, see ``layers``.
        """
        given = Given(self.given.parameters, self.given.port_parameters, inputs)
        checks = ["forward_eval", "forward_train", "backward"]
        for verdict in check_pair(self.pair, variants=[self.variant], checks=checks, given=given):
            wrong = {result.unit.partition("#")[0] for result in verdict.results if result.diverges}
            assert wrong <= set(coarse), failure.page(verdict)
            assert verdict.passed or wrong, failure.page(verdict)
            assert verdict.results

    def compare(self, images: np.ndarray, labels: np.ndarray) -> Comparison:
        """Metrics of both sides on labelled images, and what each disagreement is."""
        names = [str(number) for number in range(len(labels))]
        return compare(self.pair, self.variant, 0, Settings(), self.given, images, labels, names)


def _convert(name: str, weights: Path, folder: Path, variant: str = "published") -> Converted:
    target = folder / f"{name}.ckpt"
    assert main(["convert", name, str(weights), str(target), "--variant", variant]) == 0
    return Converted(find_pair(name), variant, weights, target)


def _digits(count: int) -> tuple[list[Image.Image], np.ndarray]:
    """Handwritten digits that scikit-learn ships, 8x8 and grey."""
    from sklearn.datasets import load_digits

    data = load_digits()
    pixels = np.rint(data.images[:count] * (255 / 16)).astype(np.uint8)
    return [Image.fromarray(image) for image in pixels], data.target[:count].astype(np.int64)


def _photographs(name: str) -> tuple[list[Image.Image], np.ndarray]:
    """The labelled samples that ccexam ships."""
    files = sorted(_shipped("ccexam", "samples").glob(f"{name}_digit_*.png"))
    assert len(files) >= 4
    return [Image.open(file) for file in files], np.array([int(f.stem[-1]) for f in files])


def _house_numbers(pictures: list[Image.Image]) -> np.ndarray:
    """Pictures as SVHN's network wants them."""
    preprocess = find_pair("svhn").preprocess
    resized = [picture.convert("RGB").resize((32, 32), Image.BILINEAR) for picture in pictures]
    return np.stack([normalise(np.asarray(picture), preprocess) for picture in resized])


def _zip_codes(pictures: list[Image.Image]) -> np.ndarray:
    """Pictures as USPS's network wants them."""
    resized = [picture.convert("L").resize((16, 16), Image.BILINEAR) for picture in pictures]
    grey = np.stack([np.asarray(picture, np.float32) for picture in resized])[:, None] / 255
    return ((grey - np.float32(0.2471)) / np.float32(0.2994)).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "inputs", "count"), [("svhn", _house_numbers, 500), ("usps", _zip_codes, 1797)]
)
def test_convolutions_with_batchnorm_read_the_same_digits(
    tmp_path: Path, name: str, inputs, count: int
) -> None:
    """ccexam's weights on its own labelled samples and on scikit-learn's digits."""
    network = _convert(name, _shipped("ccexam", "weights", f"{name}.pth"), tmp_path, "default")
    pictures, labels = _photographs(name)
    for logits in network.run(inputs(pictures)):
        assert logits[0].argmax(1).tolist() == labels.tolist()
    pictures, labels = _digits(count)
    found = network.compare(inputs(pictures), labels)
    print(f"{name}: {found.agreement} of {count} digits alike, "
          f"right {found.torch.accuracy:.2%} and {found.mindspore.accuracy:.2%}")  # fmt: skip
    assert found.disagreements == ()
    assert found.torch.accuracy == found.mindspore.accuracy > 0.6
    assert found.torch.by_class == found.mindspore.by_class
    network.judge(inputs(pictures[:16]))


#: What g2p_en calls its arrays -> the parameters of the network.
G2P_NAMES = {
    "enc_emb": "enc_emb.weight",
    "dec_emb": "dec_emb.weight",
    "fc_w": "fc.weight",
    "fc_b": "fc.bias",
    **{
        f"{side}_{kind[0]}_{gates}": f"{side}.{kind}_{gates}_l0"
        for side in ("enc", "dec")
        for kind in ("weight", "bias")
        for gates in ("ih", "hh")
    },
}
PAD, START, END, LONGEST = 0, 2, 3, 20
PHONEMES = """AA0 AA1 AA2 AE0 AE1 AE2 AH0 AH1 AH2 AO0 AO1 AO2 AW0 AW1 AW2 AY0 AY1 AY2 B CH D DH
EH0 EH1 EH2 ER0 ER1 ER2 EY0 EY1 EY2 F G HH IH0 IH1 IH2 IY0 IY1 IY2 JH K L M N NG OW0 OW1 OW2 OY0 OY1 OY2 P
R S SH T TH UH0 UH1 UH2 UW UW0 UW1 UW2 V W Y Z ZH""".split()


def _spelled(words: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Letters and a closing mark, padded (N, T), and lengths (N,); g2p_en counts from "a" is 3."""
    letters = [[3 + ord(letter) - ord("a") for letter in word] + [2] for word in words]
    lengths = np.array([len(row) for row in letters])
    padded = np.full((len(words), lengths.max()), PAD)
    for row, values in zip(padded, letters):
        row[: len(values)] = values
    return padded, lengths


def _spoken(phonemes: np.ndarray) -> list[str]:
    """Phonemes (N, S) after the start as text, up to the first end."""
    rows = [row[: row.index(END)] if END in row else row for row in phonemes[:, 1:].tolist()]
    return [" ".join(PHONEMES[value - 4] for value in row) for row in rows]


def _homographs() -> dict[str, set[str]]:
    """Words of g2p_en's list of words with two pronunciations -> both."""
    lines = _shipped("g2p_en", "homographs.en").read_text(encoding="utf-8").splitlines()
    fields = [line.lower().split("|") for line in lines if not line.startswith("#")]
    rows = [(word, {one.upper(), other.upper()}) for word, one, other, _ in fields]
    return {word: both for word, both in rows if re.fullmatch("[a-z]+", word)}


def _prose() -> list[str]:
    """The words of scikit-learn's descriptions of its data sets."""
    from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine

    text = " ".join(
        load().DESCR for load in (load_breast_cancer, load_diabetes, load_iris, load_wine)
    )
    return sorted(set(re.findall(r"\b[a-z]{3,15}\b", text)))


@pytest.mark.parametrize("every", [pytest.param(1, marks=pytest.mark.slow), 3])
def test_a_gru_pronounces_the_same_words(tmp_path: Path, every: int) -> None:
    """g2p_en's weights, decoded greedily in both frameworks, each feeding back its own phonemes."""
    with np.load(_shipped("g2p_en", "checkpoint20.npz")) as published:
        weights = {G2P_NAMES[name]: published[name] for name in published}
    write_checkpoint(tmp_path / "g2p.pth", weights, "torch")
    network = _convert("g2p", tmp_path / "g2p.pth", tmp_path)
    listed = _homographs()
    words = [*listed, *_prose()][::every]
    letters, lengths = _spelled(words)
    said = []
    for side in network.sides:
        phonemes = np.full((len(words), 1), START)
        for _ in range(LONGEST):
            (logits,) = _outputs(side, letters, lengths, phonemes)
            phonemes = np.hstack([phonemes, logits[:, -1:].argmax(2)])
        said.append(_spoken(phonemes))
    known = [word for word in words if word in listed]
    right = [sum(say in listed[word] for word, say in zip(known, side)) for side in said]
    alike = sum(one == other for one, other in zip(*said))
    print(f"g2p: {alike} of {len(words)} words alike; of {len(known)} homographs as listed "
          f"{right[0]} and {right[1]}; {words[-1]} is {said[1][-1]}")  # fmt: skip
    assert said[0] == said[1]
    assert right[0] == right[1] > len(known) / 2
    # MindSpore's Tanh, which its GRU is made of, is off by up to 1e-4 on CPU.
    network.judge(letters[:32], lengths[:32], phonemes[:32, :8], coarse=("enc", "dec"))


#: A character of several readings: sentences that it stands in, and how it is read there.
READINGS = {
    "行": {"他在银行门口行走。": "hang2 xing2"},
    "长": {"孩子长大了，头发很长。": "zhang3 chang2"},
    "重": {"这件事很重要，请重复一遍。": "zhong4 chong2"},
    "乐": {"听音乐让我很快乐。": "yue4 le4"},
    "还": {"他还没有还钱。": "hai2 huan2"},
    "都": {"首都的人都很忙。": "du1 dou1"},
    "觉": {"我觉得应该早点睡觉。": "jue2 jiao4"},
    "数": {"请你数一数这些数字。": "shu3 shu3 shu4"},
    "种": {"他喜欢种花，这种花很香。": "zhong4 zhong3"},
    "好": {"天气很好，他很好学。": "hao3 hao4"},
    "会": {"会计说明天开会。": "kuai4 hui4"},
    "空": {"这里的空气很好，今天有空。": "kong1 kong4"},
}


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # g2pM opens files only
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_lstm_reads_the_same_characters(tmp_path: Path) -> None:
    """g2pM's weights; what both frameworks read is what the package's own NumPy code reads."""
    from g2pM import G2pM

    package = G2pM()
    with _shipped("g2pM", "np_ckpt.pkl").open("rb") as file:
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


#: Reactions of textbooks, in SMILES: what reacts, and what comes out.
REACTIONS = """
CC(=O)O.OCC>>CC(=O)OCC
O=C(O)c1ccccc1O.CC(=O)OC(C)=O>>CC(=O)Oc1ccccc1C(=O)O
Nc1ccc(O)cc1.CC(=O)OC(C)=O>>CC(=O)Nc1ccc(O)cc1
Brc1ccccc1.OB(O)c1ccccc1>>c1ccc(-c2ccccc2)cc1
O=C(O)c1ccccc1.NCc1ccccc1>>O=C(NCc1ccccc1)c1ccccc1
CCBr.CC[O-].[Na+]>>CCOCC
O=Cc1ccccc1.CN>>CNCc1ccccc1
C=CC=C.C=CC=O>>O=CC1CC=CCC1
c1ccccc1.O=[N+]([O-])O>>O=[N+]([O-])c1ccccc1
O=[N+]([O-])c1ccccc1>>Nc1ccccc1
O=Cc1ccccc1.C=P(c1ccccc1)(c1ccccc1)c1ccccc1>>C=Cc1ccccc1
c1ccccc1.CC(=O)Cl>>CC(=O)c1ccccc1
NCc1ccccc1.CC(C)(C)OC(=O)OC(=O)OC(C)(C)C>>CC(C)(C)OC(=O)NCc1ccccc1
CCOC(=O)c1ccccc1.[OH-].[Na+]>>O=C(O)c1ccccc1
C1CO1.CN>>CNCCO
C#Cc1ccccc1.[N-]=[N+]=NCc1ccccc1>>c1ccc(Cn2cc(-c3ccccc3)nn2)cc1
C#Cc1ccccc1.Ic1ccccc1>>C(#Cc1ccccc1)c1ccccc1
C=CC(=O)OC.Brc1ccccc1>>COC(=O)C=Cc1ccccc1
Brc1ccccc1.C1COCCN1>>c1ccc(N2CCOCC2)cc1
O=[N+]([O-])c1ccc(F)cc1.C1CCNC1>>O=[N+]([O-])c1ccc(N2CCCC2)cc1
O=S(=O)(Cl)c1ccccc1.NCc1ccccc1>>O=S(=O)(NCc1ccccc1)c1ccccc1
O=C=Nc1ccccc1.NCc1ccccc1>>O=C(NCc1ccccc1)Nc1ccccc1
CC(C)=O.O=Cc1ccccc1>>CC(=O)C=Cc1ccccc1
Cc1cccc(C)c1NC(=O)CCl.CCNCC>>CCN(CC)CC(=O)Nc1c(C)cccc1C
""".split()
#: The layer and the head of RXNMapper whose attention tells which atom came from where.
LAYER, HEAD = 10, 5


def _tokens(text: str, vocabulary: list[str]) -> list[str]:
    """A reaction as tokens, the longest that fits first."""
    longest_first = sorted(vocabulary, key=len, reverse=True)
    tokens = re.findall("|".join(map(re.escape, longest_first)), text)
    assert "".join(tokens) == text
    return ["[CLS]", *tokens, "[SEP]"]


def _element(token: str) -> str:
    """The element of an atom's token, "" of any other."""
    found = re.fullmatch(r"\[?(Br?|Cl?|[NOSPFI]|Na|[bcnosp])[^a-z]*", token)
    return found[1].upper() if found else ""


@pytest.mark.parametrize("every", [pytest.param(1, marks=pytest.mark.slow), 4])
def test_a_transformer_completes_the_same_reactions(tmp_path: Path, every: int) -> None:
    """rxnmapper's ALBERT: tokens of the products that are masked in turn, and where atoms are from.

    The file holds a pooler, which the network of masked tokens has not.
    """
    folder = _shipped("rxnmapper", "models", "transformers", "albert_heads_8_uspto_all_1310k")
    weights = read_checkpoint(folder / "pytorch_model.bin").arrays
    kept = {name: array for name, array in weights.items() if ".pooler." not in name}
    write_checkpoint(tmp_path / "albert.pth", kept, "torch")
    network = _convert("albert", tmp_path / "albert.pth", tmp_path)
    vocabulary = (folder / "vocab.txt").read_text().splitlines()
    ids_of = {token: number for number, token in enumerate(vocabulary)}
    masked = mapped = restored = of_one_element = 0
    for reaction in REACTIONS:
        tokens = _tokens(reaction, vocabulary)
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
        elements = np.array([_element(token) for token in tokens])
        before = np.flatnonzero(elements[: product[0]] != "")
        after = product[elements[product] != ""]
        looks = [side[1 + LAYER][-1, HEAD][np.ix_(after, before)] for side in (torch, port)]
        sources = [before[look.argmax(1)] for look in looks]
        assert sources[0].tolist() == sources[1].tolist()
        mapped += len(after)
        of_one_element += int((elements[sources[1]] == elements[after]).sum())
    print(f"albert: {masked} of {masked} masked tokens alike, {restored} right; {mapped} of "
          f"{mapped} atoms are from the same atom, {of_one_element} of their own element")  # fmt: skip
    assert restored > masked / 2
    assert of_one_element > 0.9 * mapped
    network.judge(batch[-4:], ones[-4:])
