"""The document's create_dataset: Cifar10Dataset's columns through vision transforms."""

import mindspore as ms
import mindspore.dataset as ds
import mindspore.dataset.transforms as C2
import mindspore.dataset.vision as C

from harness.backends.mindspore_pipelines import OnPicture
from harness.recipe import Setting


def create_dataset(source, do_train, batch_size, image_size, rank_size=1, rank_id=0):
    """source: makes the dataset of images (H, W, 3) and labels of one shard."""
    data_set = source(rank_size, rank_id, do_train)
    operations = []
    if do_train:
        operations += [C.RandomCrop((32, 32), (4, 4, 4, 4)), C.RandomHorizontalFlip(prob=0.5)]
    operations += [
        OnPicture(Setting("resize", {"size": list(image_size)})),
        C.Rescale(1.0 / 255.0, 0.0),
        C.Normalize([0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.2010]),
        C.HWC2CHW(),
    ]
    data_set = data_set.map(C2.TypeCast(ms.int32), input_columns="label")
    data_set = data_set.map(operations, input_columns="image")
    return data_set.batch(batch_size, drop_remainder=do_train)


def of_records(records):
    """A source over records, sharded as Cifar10Dataset shards."""

    def source(rank_size, rank_id, shuffle):
        rows = [(records.pixels(i), records.labels[i]) for i in range(len(records))]
        return ds.GeneratorDataset(
            rows, ["image", "label"], shuffle=shuffle, num_shards=rank_size, shard_id=rank_id
        )

    return source
