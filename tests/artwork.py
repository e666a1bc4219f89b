"""How other programs see exported files: `artwork.py PROGRAM PICTURE`, with a picture or project to export.

Exports in every format, in eight and sixteen bits, and reads the files with Pillow, ImageMagick, exiftool and
poppler (pdfimages, pdfinfo), where they are installed: each has to see the same pixels where nothing is lost, the
size on paper, the profile, and what is told of the picture.
"""

import io
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms

DPI = 150
JPEG_STEPS = 3.0  # mean difference at the usual quality
NAMES = ["png", "jpg", "webp", "tif", "pdf"]


def run(*command: object) -> str:
    """What a program prints."""
    done = subprocess.run([str(it) for it in command], check=True, capture_output=True, text=True)
    return done.stdout


def pixels(image: Image.Image) -> np.ndarray:
    """Float [height, width, 3]: as laid on white."""
    image = image.convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    return np.asarray(Image.alpha_composite(white, image).convert("RGB")).astype(float)


def by_pillow(path: Path, _folder: Path) -> tuple[np.ndarray, str]:
    """Pixels, and the profile's name."""
    image = Image.open(path)
    profile = image.info.get("icc_profile")
    name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile))) if profile else "none"
    name = "sRGB" if "srgb" in image.info else name.strip()
    assert "sRGB" in name, f"{path.name}: {name}"
    return pixels(image), f"profile {name}"


def by_imagemagick(path: Path, folder: Path) -> tuple[np.ndarray, str]:
    """Pixels, bits of a value, and how many are on an inch."""
    out = folder / "magick.png"
    subprocess.run(["convert", str(path), str(out)], check=True, capture_output=True)
    told = run("identify", "-format", "%z bit, %x per %U, %[colorspace]", path)
    return pixels(Image.open(out)), told


def by_poppler(path: Path, folder: Path) -> tuple[np.ndarray, str]:
    """Pixels of the picture on the page, what lies there, and the page's size on paper."""
    run("pdfimages", "-png", path, folder / "page")
    size = next(it for it in run("pdfinfo", path).splitlines() if it.startswith("Page size"))
    told = run("pdfimages", "-list", path).splitlines()[2].split()
    told = f"{' '.join(told[5:8])} bit, {told[12]} dpi, {size[10:].strip()}"
    return pixels(Image.open(folder / "page-000.png")), told


def by_exiftool(path: Path) -> str:
    """What it finds of the picture."""
    found = json.loads(run("exiftool", "-json", "-n", path))[0]
    wanted = ["XResolution", "Software", "CreatorTool", "DigitalSourceType", "AISystemUsed", "Record", "UserComment"]
    wanted += ["Parameters", "BitsPerSample", "BitDepth"]
    told = {key: str(found[key])[:24] for key in wanted if key in found}
    assert "DigitalSourceType" in told and "AISystemUsed" in told, f"{path.name}: {told}"
    return ", ".join(f"{key} {value}" for key, value in told.items())


def main() -> None:
    """Prints what each program finds in each file; fails where one sees something else."""
    program, picture = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    is_sound = True
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for depth in (8, 16):
            outs = [folder / f"{depth}.{ending}" for ending in NAMES]
            asked = [part for out in outs for part in ("--out", out)]
            run(program, "export", picture, *asked, "--dpi", DPI, "--depth", depth)
            truth = pixels(Image.open(outs[0]))
            for out in outs:
                readers = [("pdfimages", by_poppler)] if out.suffix == ".pdf" else []
                readers = readers or [("pillow", by_pillow), ("convert", by_imagemagick)]
                for reader, read in readers:
                    if reader != "pillow" and not shutil.which(reader):
                        print(f"{out.name}: {reader} is not installed")
                        continue
                    found, told = read(out, folder)
                    apart = np.abs(found - truth).mean() if found.shape == truth.shape else np.inf
                    is_fine = apart <= (JPEG_STEPS if out.suffix == ".jpg" else 0.5 if depth == 16 else 0)
                    is_sound &= is_fine
                    print(f"{out.name} by {reader}: {apart:.3f} steps apart{'' if is_fine else ' (!)'}; {told}")
                if shutil.which("exiftool"):
                    print(f"{out.name} by exiftool: {by_exiftool(out)}")
    sys.exit(0 if is_sound else 1)


if __name__ == "__main__":
    main()
