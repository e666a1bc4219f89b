//! Lays pictures out side by side, in rows: `contact_sheet OUT.png COLUMNS SIDE PICTURE…`, or `OUT.jpg`. Of a picture whose name
//! is followed by `@100` the middle is shown, pixel by pixel.

use std::fs::File;
use std::io::BufWriter;
use std::process::ExitCode;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{FilterType, crop_imm, overlay, resize};
use image::{DynamicImage, ImageReader, ImageResult, RgbImage, Rgba, RgbaImage};

/// Between pictures, and around them.
const GAP: u32 = 6;

const JPEG_QUALITY: u8 = 90;

const PIXEL_BY_PIXEL: &str = "@100";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match lay_out(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}\nUsage: contact_sheet OUT.png COLUMNS SIDE PICTURE…");
            ExitCode::FAILURE
        }
    }
}

fn lay_out(args: &[String]) -> Result<(), String> {
    let [out, columns, side, pictures @ ..] = args else {
        return Err("Too few arguments".to_owned());
    };
    let number = |text: &String, max: u32| {
        let number = text.parse().ok().filter(|it| (1..=max).contains(it));
        number.ok_or_else(|| format!("Not a number from 1 to {max}: {text}"))
    };
    let (columns, side) = (number(columns, 100)?, number(side, 2048)?);
    let rows = (pictures.len() as u32).div_ceil(columns);
    let step = side + GAP;
    let white = Rgba([255; 4]);
    let mut sheet = RgbaImage::from_pixel(columns * step + GAP, rows * step + GAP, white);
    for (idx, path) in (0_u32..).zip(pictures) {
        let (path, is_whole) =
            path.strip_suffix(PIXEL_BY_PIXEL).map_or((path.as_str(), true), |it| (it, false));
        let reader = ImageReader::open(path).map_err(|err| format!("{err}\n{path}"))?;
        let picture = reader.decode().map_err(|err| format!("{err}\n{path}"))?.into_rgba8();
        let picture = if is_whole {
            resize(&picture, side, side, FilterType::CatmullRom)
        } else {
            let from = |len: u32| len.saturating_sub(side) / 2;
            let (left, top) = (from(picture.width()), from(picture.height()));
            crop_imm(&picture, left, top, side, side).to_image()
        };
        let (left, top) = (GAP + idx % columns * step, GAP + idx / columns * step);
        overlay(&mut sheet, &picture, left.into(), top.into());
    }
    save(&DynamicImage::ImageRgba8(sheet).into_rgb8(), out).map_err(|err| format!("{err}\n{out}"))
}

/// As a JPEG where the name says so, else as a PNG.
fn save(sheet: &RgbImage, out: &str) -> ImageResult<()> {
    if !out.ends_with(".jpg") {
        return sheet.save(out);
    }
    let file = BufWriter::new(File::create(out)?);
    JpegEncoder::new_with_quality(file, JPEG_QUALITY).encode_image(sheet)
}
