"""Real photographs and paintings, so that the codec also keeps what people open. Fetched, never committed.

They come from two of Debian's packages, whose authors share them freely (NOTICE names them). Nine are held out: they
are the fixed test of what users open. Where packages cannot be had, nothing is fetched, and a run says so.
"""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np

PACKAGES = ("lomiri-wallpapers-16.04", "wordpress-theme-twentytwentyone")
TRAINED_ON = (
    "Dragonfly_by_Bolly.jpg",
    "Picture_0B_by_freespace.jpg",
    "Picture_1A_by_freespace.jpg",
    "Wine_by_Jakkub_Mede.jpg",
    "analogpattern_by_Peter_Nerlich.jpg",
    "free_by_Peter_Nerlich.jpg",
    "friends_by_Aitzol_Berasategi.jpg",
    "greentock_by_Peter_Nerlich.jpg",
    "life_by_Aitzol_Berasategi.jpg",
    "umang_by_Abhishek_Mudgal.jpg",
    "Daffodils.jpg",
    "Reading.jpg",
    "playing-in-the-sand.jpg",
    "self-portrait-1885.jpg",
    "young-woman-in-mauve.jpg",
)
HELD_OUT = (
    "Bridge_by_Sander_Klootwijk.jpg",
    "aitzgorri_by_Aitzol_Berasategi.jpg",
    "picosdeeuropa_by_Aitzol_Berasategi.jpg",
    "seeding_by_Clements_Engelhardt.jpg",
    "sunset_by_Aitzol_Berasategi.jpg",
    "in-the-bois-de-boulogne.jpg",
    "roses-tremieres-hollyhocks-1884.jpg",
    "the-garden-at-bougival-1884.jpg",
    "villa-with-orange-trees-nice.jpg",
)
LONGEST = 1600  # pixels of the longer side that is kept
FOLDER = Path("target/training/real")  # of all runs; small enough to be carried to a machine without network
FETCH_SECONDS = 120
JPEG = [cv2.IMWRITE_JPEG_QUALITY, 95]


def fetch(folder: Path = FOLDER) -> bool:
    """Fills `folder` with the pictures by name, shrunk to LONGEST, unless it has them. Returns whether it has."""
    wanted = (*TRAINED_ON, *HELD_OUT)
    if all((folder / name).exists() for name in wanted):
        return True
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return False
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder) as name:
        work = Path(name)
        try:
            for command in (["apt-get", "download", *PACKAGES], *unpacking(work)):
                subprocess.run(command, cwd=work, capture_output=True, check=True, timeout=FETCH_SECONDS)
        except (subprocess.SubprocessError, OSError):
            return False
        for path in (work / "content").rglob("*.jpg"):
            if path.name in wanted:
                picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
                small = shrunk(picture, min(1.0, LONGEST / max(picture.shape[:2])))
                cv2.imwrite(str(work / path.name), small, JPEG)
                (work / path.name).replace(folder / path.name)
    return all((folder / name).exists() for name in wanted)


def unpacking(work: Path) -> Iterator[list[str]]:
    """The commands that unpack what was downloaded."""
    for package in work.glob("*.deb"):
        yield ["dpkg-deb", "-x", package.name, "content"]


def read(names: Sequence[str], folder: Path = FOLDER) -> list[np.ndarray]:
    """Pictures uint8 [height, width, 3] of those names that `folder` holds, none longer than LONGEST pixels."""
    paths = [folder / name for name in names if (folder / name).exists()]
    return [np.ascontiguousarray(cv2.imread(str(path), cv2.IMREAD_COLOR)[..., ::-1]) for path in paths]


def shrunk(picture: np.ndarray, scale: float) -> np.ndarray:
    """By area, like the program."""
    if scale == 1:
        return np.ascontiguousarray(picture)
    height, width = (round(it * scale) for it in picture.shape[:2])
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)


def square(picture: np.ndarray, side: int) -> np.ndarray:
    """The middle of a picture, as large as it can be, `side` pixels wide."""
    scaled = shrunk(picture, side / min(picture.shape[:2]))
    top, left = ((it - side) // 2 for it in scaled.shape[:2])
    return np.ascontiguousarray(scaled[top : top + side, left : left + side])


def crop(pictures: list[np.ndarray], side: int, rng: np.random.Generator) -> np.ndarray:
    """A square uint8 [side, side, 3] out of any of them, seen from nearer or farther."""
    picture = pictures[int(rng.integers(len(pictures)))]
    farthest = max(1.0, min(picture.shape[:2]) / (2 * side))
    reach = round(side * rng.uniform(1.0, farthest))
    top, left = (int(rng.integers(0, it - reach + 1)) for it in picture.shape[:2])
    return shrunk(picture[top : top + reach, left : left + reach], side / reach)[:side, :side]
