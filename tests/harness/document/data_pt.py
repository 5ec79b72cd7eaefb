"""The document's reference: torchvision transforms, with the flip left on where it tests."""

import torch
from PIL import Image

from harness.backends.torch_pipelines import alone
from harness.backends.vision import import_torchvision
from harness.pipelines import Transform

import_torchvision()
from torchvision import transforms  # noqa: E402

SIZE = 40

normalize = transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010))
transform_train = transforms.Compose([
    transforms.RandomCrop(32, padding=4),
    transforms.RandomHorizontalFlip(),
    transforms.Resize((SIZE, SIZE)),
    transforms.ToTensor(),
    normalize,
])  # fmt: skip
transform_test = transforms.Compose([
    transforms.RandomHorizontalFlip(),
    transforms.Resize((SIZE, SIZE)),
    transforms.ToTensor(),
    normalize,
])  # fmt: skip


class Cifar(torch.utils.data.Dataset):
    """torchvision's CIFAR10, over records."""

    def __init__(self, records, transform):
        self.records, self.transform = records, transform

    def __len__(self):
        return len(self.records)

    def __getitem__(self, index):
        image = Image.fromarray(self.records.pixels(index))
        return self.transform(image), int(self.records.labels[index])


def loader(records, train, batch_size):
    """The document's DataLoader."""
    dataset = Cifar(records, transform_train if train else transform_test)
    return torch.utils.data.DataLoader(dataset, batch_size=batch_size, shuffle=train)


def transforms_of(train):
    """Each transform with its name in a recipe."""
    names = {
        "RandomCrop": "random_crop",
        "RandomHorizontalFlip": "random_horizontal_flip",
        "Resize": "resize",
        "ToTensor": "to_tensor",
        "Normalize": "normalize",
    }
    steps = (transform_train if train else transform_test).transforms
    return tuple(Transform(names[type(step).__name__], alone(step)) for step in steps)
