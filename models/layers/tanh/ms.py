from mindspore.nn import Tanh

__all__ = ["Tanh"]
