from torch.nn import Tanh

__all__ = ["Tanh"]
