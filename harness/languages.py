"""The languages of what a person reads, and the option that chooses one."""

import argparse
import os
from typing import Any

#: Language -> its tag in a document.
LANGUAGES = {"en": "en", "zh": "zh-CN"}

#: The environment variable that stands in for the option.
VARIABLE = "HARNESS_LANG"


def option() -> dict[str, Any]:
    """What argparse and pytest are told of ``--lang``."""
    return {
        "type": _language,
        "default": os.environ.get(VARIABLE) or "en",
        "metavar": f"{{{','.join(LANGUAGES)}}}",
        "help": f"the language of what a person reads (default: the environment variable "
                f"{VARIABLE}, or else en)",
    }  # fmt: skip


def _language(text: str) -> str:
    if text not in LANGUAGES:
        choices = " or ".join(LANGUAGES)
        raise argparse.ArgumentTypeError(f"there is no language {text!r}: choose {choices}")
    return text
