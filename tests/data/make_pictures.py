#!/usr/bin/python3
"""Generates the pictures in tests/data/pictures and expected.npz, the results of Pillow and torchvision for them.

    tests/data/make_pictures.py

Needs Debian's python3-pil and python3-torchvision, which the tests do not. Each array [H,W,C] of expected.npz is named
"FILE CHANNELS RESIZE CROP INTERPOLATION", where - stands for a step that is left out.
"""
import pathlib

import numpy
from PIL import Image, ImageOps
from torchvision import transforms

FOLDER = pathlib.Path(__file__).parent / "pictures"
STEPS = [("16", "14x14"), ("40", "37x38"), ("17x29", "-"), ("-", "20x24"), ("-", "45x44"), ("12", "20x15"), ("90x7", "11x6")]


def smooth(height, width, channels, seed):
    """Waves, edges and some noise."""
    random = numpy.random.default_rng(seed)
    y, x = numpy.mgrid[:height, :width]
    planes = []
    for _ in range(channels):
        a, b, c = random.uniform(0.05, 0.9, 3)
        plane = 127 + 90 * numpy.sin(a * x + b * y) + 60 * numpy.sign(numpy.sin(c * x - a * y))
        planes.append(plane + random.normal(0, 8, plane.shape))
    return numpy.clip(numpy.stack(planes, -1), 0, 255).astype("uint8").squeeze()


def orientation(value):
    exif = Image.Exif()
    exif[274] = value
    return exif.tobytes()


def save_pictures():
    rgb = Image.fromarray(smooth(23, 37, 3, 1))
    rgb.save(FOLDER / "odd.png")
    Image.fromarray(smooth(41, 19, 3, 2)).save(FOLDER / "tall.png")
    Image.fromarray(smooth(33, 25, 1, 3)).save(FOLDER / "grey.png")
    Image.fromarray(smooth(21, 30, 2, 4), "LA").save(FOLDER / "grey_alpha.png")
    Image.fromarray(smooth(21, 30, 4, 5), "RGBA").save(FOLDER / "alpha.png")
    palette = Image.fromarray(smooth(27, 29, 3, 6)).quantize(40)
    palette.save(FOLDER / "palette.png")
    palette.save(FOLDER / "palette_transparent.png", transparency=3)
    Image.fromarray(smooth(2, 3, 3, 7)).save(FOLDER / "tiny.png")
    Image.fromarray(smooth(20, 31, 3, 8)).save(FOLDER / "turned.png", exif=orientation(6))
    Image.fromarray(smooth(26, 33, 3, 9)).save(FOLDER / "turned.jpg", quality=90, exif=orientation(8))
    Image.fromarray(smooth(30, 22, 1, 10)).save(FOLDER / "grey.jpg", quality=90)
    Image.fromarray(smooth(19, 24, 4, 13), "CMYK").save(FOLDER / "printer.jpg", quality=90)
    rgb.save(FOLDER / "lossless.webp", lossless=True, exact=True)
    rgb.save(FOLDER / "lossy.webp", quality=80)
    Image.fromarray(smooth(21, 30, 4, 11), "RGBA").save(FOLDER / "alpha.webp", quality=80)
    Image.fromarray(smooth(20, 31, 3, 12)).save(FOLDER / "turned.webp", lossless=True, exif=orientation(6))
    rgb.save(FOLDER / "animated.webp", save_all=True, append_images=[ImageOps.flip(rgb)], lossless=True)


def sides(text):
    numbers = [int(side) for side in text.split("x")]
    return numbers[0] if len(numbers) == 1 else numbers


def expected(path, channels, resize, crop, interpolation):
    picture = ImageOps.exif_transpose(Image.open(path)).convert("L" if channels == 1 else "RGB")
    if resize != "-":
        picture = transforms.Resize(sides(resize), transforms.InterpolationMode(interpolation))(picture)
    if crop != "-":
        picture = transforms.CenterCrop(sides(crop))(picture)
    return numpy.asarray(picture).reshape(picture.height, picture.width, channels)


def main():
    FOLDER.mkdir(exist_ok=True)
    save_pictures()
    arrays = {}
    for path in sorted(FOLDER.iterdir()):
        if path.suffix == ".npz" or path.stem == "animated":
            continue
        plain = path.name == "odd.png"
        for channels in [1, 3] if path.stem in ("odd", "grey") else [1 if path.stem == "grey_alpha" else 3]:
            for resize, crop in STEPS if path.suffix == ".png" else STEPS[:2]:
                modes = ["bilinear", "bicubic", "nearest"] if plain or resize == "16" else ["bilinear"]
                for mode in modes if resize != "-" else ["bilinear"]:
                    arrays[f"{path.name} {channels} {resize} {crop} {mode}"] = expected(path, channels, resize, crop, mode)
    numpy.savez_compressed(FOLDER / "expected.npz", **arrays)
    print(len(arrays), "arrays")


if __name__ == "__main__":
    main()
