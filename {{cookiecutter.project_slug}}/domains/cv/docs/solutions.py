"""Solutions of the three exercises in this folder, in plain Python."""

from collections.abc import Sequence

Grid = list[list[float]]


def convolve(image: Sequence[Sequence[float]], kernel: Sequence[Sequence[float]]) -> Grid:
    """What a convolution layer computes: the kernel's weighted sum at each place, zeros outside.

    The kernel has an odd side, so that the result is as large as the image.

    >>> convolve([[1, 2], [3, 4]], [[0, 0, 0], [0, 1, 1], [0, 0, 0]])
    [[3.0, 2.0], [7.0, 4.0]]
    """
    height, width, reach = len(image), len(image[0]), len(kernel) // 2
    result = []
    for row in range(height):
        line = []
        for column in range(width):
            total = 0.0
            for down, weights in enumerate(kernel, start=row - reach):
                for right, weight in enumerate(weights, start=column - reach):
                    if 0 <= down < height and 0 <= right < width:
                        total += weight * image[down][right]
            line.append(total)
        result.append(line)
    return result


def rates(labels: Sequence[int], scores: Sequence[float], threshold: float) -> tuple[float, float]:
    """Sensitivity and specificity where a case is referred from ``threshold`` on.

    >>> rates([1, 1, 0, 0], [0.9, 0.2, 0.4, 0.1], threshold=0.3)
    (0.5, 0.5)
    """
    referred = [score >= threshold for score in scores]
    caught = sum(r for r, label in zip(referred, labels, strict=True) if label == 1)
    cleared = sum(not r for r, label in zip(referred, labels, strict=True) if label == 0)
    return caught / sum(labels), cleared / (len(labels) - sum(labels))


def split_by_patient(patients: Sequence[str], share: float) -> list[str]:
    """``test`` or ``train`` for each image, so that no patient is in both.

    Patients go to the test part in order until it holds at least ``share`` of the images.

    >>> split_by_patient(["a", "b", "a", "c"], share=0.5)
    ['test', 'train', 'test', 'train']
    """
    chosen: set[str] = set()
    for patient in patients:
        if sum(one in chosen for one in patients) >= share * len(patients):
            break
        chosen.add(patient)
    return ["test" if patient in chosen else "train" for patient in patients]
