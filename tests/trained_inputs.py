"""Real inputs of networks that packages ship trained: digits, words, sentences, reactions."""

import importlib.util
import re
from pathlib import Path

import numpy as np
from PIL import Image

from harness.images import normalise
from harness.registry import find_pair


def shipped(package: str, *parts: str) -> Path:
    """A file of an installed package, which is not imported for it."""
    found = importlib.util.find_spec(package)
    assert found and found.submodule_search_locations, f"{package} is missing: install .[test]"
    return Path(found.submodule_search_locations[0], *parts)


def digits(count: int) -> tuple[list[Image.Image], np.ndarray]:
    """Handwritten digits that scikit-learn ships, 8x8 and grey."""
    from sklearn.datasets import load_digits

    data = load_digits()
    pixels = np.rint(data.images[:count] * (255 / 16)).astype(np.uint8)
    return [Image.fromarray(image) for image in pixels], data.target[:count].astype(np.int64)


def photographs(name: str) -> tuple[list[Image.Image], np.ndarray]:
    """The labelled samples that ccexam ships."""
    files = sorted(shipped("ccexam", "samples").glob(f"{name}_digit_*.png"))
    assert len(files) >= 4
    return [Image.open(file) for file in files], np.array([int(f.stem[-1]) for f in files])


def house_numbers(pictures: list[Image.Image]) -> np.ndarray:
    """Pictures as SVHN's network wants them."""
    preprocess = find_pair("svhn").preprocess
    resized = [picture.convert("RGB").resize((32, 32), Image.BILINEAR) for picture in pictures]
    return np.stack([normalise(np.asarray(picture), preprocess) for picture in resized])


def zip_codes(pictures: list[Image.Image]) -> np.ndarray:
    """Pictures as USPS's network wants them."""
    resized = [picture.convert("L").resize((16, 16), Image.BILINEAR) for picture in pictures]
    grey = np.stack([np.asarray(picture, np.float32) for picture in resized])[:, None] / 255
    return ((grey - np.float32(0.2471)) / np.float32(0.2994)).astype(np.float32)


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
PHONEMES = """
AA0 AA1 AA2 AE0 AE1 AE2 AH0 AH1 AH2 AO0 AO1 AO2 AW0 AW1 AW2 AY0 AY1 AY2 B CH D DH EH0 EH1 EH2
ER0 ER1 ER2 EY0 EY1 EY2 F G HH IH0 IH1 IH2 IY0 IY1 IY2 JH K L M N NG OW0 OW1 OW2 OY0 OY1 OY2 P R
S SH T TH UH0 UH1 UH2 UW UW0 UW1 UW2 V W Y Z ZH
""".split()


def spelled(words: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Letters and a closing mark, padded (N, T), and lengths (N,); g2p_en counts from "a" is 3."""
    letters = [[3 + ord(letter) - ord("a") for letter in word] + [2] for word in words]
    lengths = np.array([len(row) for row in letters])
    padded = np.full((len(words), lengths.max()), PAD)
    for row, values in zip(padded, letters):
        row[: len(values)] = values
    return padded, lengths


def spoken(phonemes: np.ndarray) -> list[str]:
    """Phonemes (N, S) after the start as text, up to the first end."""
    rows = [row[: row.index(END)] if END in row else row for row in phonemes[:, 1:].tolist()]
    return [" ".join(PHONEMES[value - 4] for value in row) for row in rows]


def homographs() -> dict[str, set[str]]:
    """Words of g2p_en's list of words with two pronunciations -> both."""
    lines = shipped("g2p_en", "homographs.en").read_text(encoding="utf-8").splitlines()
    fields = [line.lower().split("|") for line in lines if not line.startswith("#")]
    rows = [(word, {one.upper(), other.upper()}) for word, one, other, _ in fields]
    return {word: both for word, both in rows if re.fullmatch("[a-z]+", word)}


def prose() -> list[str]:
    """The words of scikit-learn's descriptions of its data sets."""
    from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine

    text = " ".join(
        load().DESCR for load in (load_breast_cancer, load_diabetes, load_iris, load_wine)
    )
    return sorted(set(re.findall(r"\b[a-z]{3,15}\b", text)))


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


def tokens_of(text: str, vocabulary: list[str]) -> list[str]:
    """A reaction as tokens, the longest that fits first."""
    longest_first = sorted(vocabulary, key=len, reverse=True)
    tokens = re.findall("|".join(map(re.escape, longest_first)), text)
    assert "".join(tokens) == text
    return ["[CLS]", *tokens, "[SEP]"]


def element_of(token: str) -> str:
    """The element of an atom's token, "" of any other."""
    found = re.fullmatch(r"\[?(Br?|Cl?|[NOSPFI]|Na|[bcnosp])[^a-z]*", token)
    return found[1].upper() if found else ""
