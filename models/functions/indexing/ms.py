"""torch's functions that select, scatter and sort, in MindSpore, whose indices are int32."""

from mindspore import Tensor, int32, int64, ops

from models.functions.common.ms import cell

where = cell(ops.where)
masked_select = cell(ops.masked_select)
flip = cell(ops.flip)
tril = cell(ops.tril)
triu = cell(ops.triu)
diagonal = cell(ops.diagonal)
unbind = cell(ops.unbind)


@cell
def gather(x: Tensor, index: Tensor, *, dim: int) -> Tensor:
    """ops.gather is torch's index_select."""
    return ops.gather_elements(x, dim, index)


@cell
def index_select(x: Tensor, index: Tensor, *, dim: int) -> Tensor:
    return ops.gather(x, index, dim)


@cell
def take_along_dim(x: Tensor, index: Tensor, *, dim: int) -> Tensor:
    """There is no ops.take_along_dim: sizes that are 1 are broadcast by hand."""
    shape = list(index.shape)
    for i in range(x.ndim):
        if i != dim % x.ndim and shape[i] == 1:
            shape[i] = x.shape[i]
    return ops.gather_elements(x, dim, ops.broadcast_to(index, tuple(shape)))


@cell
def masked_fill(x: Tensor, mask: Tensor, *, value: float) -> Tensor:
    return ops.masked_fill(x, mask, value)


@cell
def scatter(x: Tensor, index: Tensor, src: Tensor, *, dim: int) -> Tensor:
    return ops.tensor_scatter_elements(x, index, src, dim)


@cell
def scatter_add(x: Tensor, index: Tensor, src: Tensor, *, dim: int) -> Tensor:
    """ops.scatter_add changes a Parameter."""
    return ops.tensor_scatter_elements(x, index, src, dim, "add")


@cell
def index_add(x: Tensor, index: Tensor, source: Tensor, *, dim: int, alpha: float = 1) -> Tensor:
    """ops.index_add changes a Parameter."""
    shape = [1] * x.ndim
    shape[dim] = -1
    index = ops.broadcast_to(index.reshape(tuple(shape)), source.shape)
    return ops.tensor_scatter_elements(x, index, alpha * source, dim, "add")


@cell
def index_fill(x: Tensor, index: Tensor, *, dim: int, value: float) -> Tensor:
    """The index is int32 here."""
    return ops.index_fill(x, dim, index.astype(int32), value)


@cell
def one_hot(x: Tensor, *, num_classes: int) -> Tensor:
    return ops.one_hot(x, num_classes, 1, 0).astype(int64)


@cell
def topk(
    x: Tensor, *, k: int, dim: int = -1, largest: bool = True, sorted: bool = True
) -> tuple[Tensor, Tensor]:
    values, indices = ops.topk(x, k, dim, largest, sorted)
    return values, indices.astype(int64)


@cell
def sort(x: Tensor, *, dim: int = -1, descending: bool = False) -> tuple[Tensor, Tensor]:
    values, indices = ops.sort(x, dim, descending)
    return values, indices.astype(int64)


@cell
def argsort(x: Tensor, *, dim: int = -1, descending: bool = False) -> Tensor:
    return ops.argsort(x, dim, descending).astype(int64)


@cell
def narrow(x: Tensor, *, dim: int, start: int, length: int) -> Tensor:
    return ops.narrow(x, dim, start, length)


@cell
def chunk(x: Tensor, *, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    return ops.chunk(x, chunks, dim)


@cell
def split(
    x: Tensor, *, split_size_or_sections: int | tuple[int, ...], dim: int = 0
) -> tuple[Tensor, ...]:
    """As torch: an int is the size of the parts, not how many."""
    return ops.split(x, split_size_or_sections, dim)


@cell
def tensor_split(
    x: Tensor, *, indices_or_sections: int | tuple[int, ...], dim: int = 0
) -> tuple[Tensor, ...]:
    return ops.tensor_split(x, indices_or_sections, dim)


@cell
def roll(
    x: Tensor, *, shifts: int | tuple[int, ...], dims: int | tuple[int, ...] | None = None
) -> Tensor:
    """CPU has no kernel of ops.roll."""
    if dims is None:
        flat = x.reshape(-1)
        return ops.cat([flat[-shifts:], flat[:-shifts]]).reshape(x.shape)
    shifts, dims = (shifts, dims) if isinstance(dims, tuple) else ((shifts,), (dims,))
    for i in range(len(dims)):
        size = x.shape[dims[i]]
        kept = size - shifts[i] % size
        if kept == size:
            continue
        front, back = ops.narrow(x, dims[i], 0, kept), ops.narrow(x, dims[i], kept, size - kept)
        x = ops.cat([back, front], dims[i])
    return x


@cell
def diag_embed(x: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    return ops.diag_embed(x, offset, dim1, dim2)


@cell
def nonzero(x: Tensor) -> Tensor:
    return ops.nonzero(x)


@cell
def unique(x: Tensor) -> Tensor:
    """ops.unique keeps the order of appearance and gives indices as well."""
    return ops.sort(ops.unique(x)[0].astype("float32"))[0].astype(x.dtype)


@cell
def bincount(x: Tensor, *, minlength: int = 0) -> Tensor:
    return ops.bincount(x, minlength=minlength).astype(int64)


@cell
def searchsorted(boundaries: Tensor, x: Tensor, *, right: bool = False) -> Tensor:
    return ops.searchsorted(ops.sort(boundaries)[0], x, right=right)


@cell
def bucketize(x: Tensor, boundaries: Tensor, *, right: bool = False) -> Tensor:
    """ops.bucketize takes its boundaries as a list."""
    return ops.searchsorted(ops.sort(boundaries)[0], x, right=right)


@cell
def index_rows(x: Tensor, index: Tensor) -> Tensor:
    """The gradient of x[index] leaves out negative indices on CPU."""
    return x[ops.where(index < 0, index + x.shape[0], index)]


@cell
def index_columns(x: Tensor, index: Tensor) -> Tensor:
    return x[:, index]


@cell
def index_pairs(x: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    return x[rows, columns]


@cell
def index_mask(x: Tensor, mask: Tensor) -> Tensor:
    return x[mask]


@cell
def index_assign(x: Tensor, index: Tensor, values: Tensor) -> Tensor:
    x = x.copy()
    x[index] = values
    return x


@cell
def slices(x: Tensor) -> Tensor:
    return x[:, 1:-1, None, ..., -1]


@cell
def slice_steps(x: Tensor) -> Tensor:
    """The gradient of x[:, :, ::2, ::2] raises on CPU; that of a gather does not."""
    x = ops.gather(x, ops.arange(0, x.shape[2], 2), 2)
    return ops.gather(x, ops.arange(0, x.shape[3], 2), 3)


@cell
def slice_assign(x: Tensor, values: Tensor) -> Tensor:
    x = x.copy()
    x[:, 1:3] = values
    return x
