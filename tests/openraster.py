"""How other programs see the OpenRaster files of this one: `openraster.py FILE.ora`.

Renders the file with pyora (<https://pypi.org/project/pyora/>: it has a soft light of its own) and with Krita, where
they are installed, and holds each against the merged picture in the file, in steps of 255 and premultiplied. Krita
rounds to eight bits at each layer, this program once at the end.
"""

import io
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

KRITA_STEPS = 4  # more than rounding at each layer makes out


def premultiplied(image: Image.Image) -> np.ndarray:
    """Float [height, width, 4], from 0 to 255: what is transparent has no colour."""
    pixels = np.asarray(image.convert("RGBA")).astype(float)
    pixels[..., :3] *= pixels[..., 3:] / 255
    return pixels


def by_pyora(path: Path, _folder: Path) -> Image.Image | None:
    """Rendered layer by layer."""
    try:
        from pyora import Project
    except ImportError:
        return None
    return Project.load(str(path)).get_image_data(use_original=False)


def by_krita(path: Path, folder: Path) -> Image.Image | None:
    """Exported on a display of its own."""
    if not (shutil.which("krita") and shutil.which("xvfb-run")):
        return None
    out = folder / "krita.png"
    command = ["xvfb-run", "-a", "krita", "--export", "--export-filename", str(out), str(path)]
    subprocess.run(command, check=True, capture_output=True, env={"HOME": str(folder), "PATH": "/usr/bin:/bin"})
    return Image.open(out)


def main() -> None:
    """Prints a line for each program; fails where Krita sees something else."""
    path = Path(sys.argv[1]).resolve()
    with zipfile.ZipFile(path) as archive:
        ours = premultiplied(Image.open(io.BytesIO(archive.read("mergedimage.png"))))
    is_sound = True
    with tempfile.TemporaryDirectory() as folder:
        for name, render in (("pyora", by_pyora), ("Krita", by_krita)):
            image = render(path, Path(folder))
            if image is None:
                print(f"{name}: not installed")
                continue
            apart = np.abs(premultiplied(image) - ours).max(-1)
            shares = ", ".join(f"{(apart > step + 0.5).mean():.1%} by more than {step}" for step in (1, 2, 3))
            print(f"{name}: {apart.mean():.2f} steps apart on average, {apart.max():.1f} at most; {shares}")
            is_sound &= name != "Krita" or apart.max() <= KRITA_STEPS
    sys.exit(0 if is_sound else 1)


if __name__ == "__main__":
    main()
