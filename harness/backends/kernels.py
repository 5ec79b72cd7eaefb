"""What MindSpore says where a device has no kernel for an operation. Text only, no framework.

The sentences are those of MindSpore 2.10.0, seen on CPU.
"""

import re

_SENTENCES = (
    re.compile(r"The kernel (\w+) unregistered"),
    re.compile(r"Create kernelmod for op (\w+) failed"),
    re.compile(r"Not found op (\w+) on device"),
    re.compile(r"Unsupported op \[(\w+)\]"),
    re.compile(r"(\w+) only supports Ascend"),
    re.compile(r"(\w+) method support Ascend only"),
    re.compile(r"'(\w+)' is not supported on this device"),
    re.compile(r"(\w+) (?:is )?not supported on (?:the )?CPU", re.IGNORECASE),
)


def missing_kernel(message: str) -> str:
    """The operation that an exception's text says the device has no kernel for; "" if none."""
    for sentence in _SENTENCES:
        found = sentence.search(message)
        if found:
            return found[1]
    return ""
