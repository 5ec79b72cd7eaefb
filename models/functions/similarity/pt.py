"""torch's norms, distances and similarities, as they are."""

import torch
from torch import Tensor
from torch.nn import functional as F

from models.functions.common.pt import module

cosine_similarity = module(F.cosine_similarity)
pairwise_distance = module(F.pairwise_distance)
cdist = module(torch.cdist)
norm = module(torch.norm)
vector_norm = module(torch.linalg.vector_norm)
linalg_norm = module(torch.linalg.norm)
normalize = module(F.normalize)


@module
def normalize_zero_rows(x: Tensor, kept: Tensor) -> Tensor:
    return F.normalize(x * kept, dim=1)


@module
def cosine_similarity_zero_rows(x: Tensor, y: Tensor, kept: Tensor) -> Tensor:
    return F.cosine_similarity(x * kept, y, dim=1)
