"""ALBERT as the package transformers has it, with every layer's attention among its outputs."""

from harness.backends.vision import import_torchvision

import_torchvision()  # which transformers imports, too

from transformers import AlbertConfig  # noqa: E402
from transformers import AlbertForMaskedLM as Albert  # noqa: E402


def AlbertForMaskedLM(**settings: int | float) -> Albert:
    """Token ids and a mask of ones and zeros (N, T) to logits and a tuple of attentions."""
    return Albert(
        AlbertConfig(
            **settings,
            hidden_act="gelu",
            attn_implementation="eager",
            output_attentions=True,
            return_dict=False,
        )
    )
