//! A picture's foreground, without a window.

use std::path::PathBuf;

use alla_prima::base::Point;
use alla_prima::headless::{self, CutoutJob};
use alla_prima::io::{self, Format};
use alla_prima::studio::{Choice, load};
use anyhow::{anyhow, ensure};
use clap::Args;

use super::{percent_bar, tell};

#[derive(Debug, Args)]
pub(crate) struct CutoutArgs {
    /// A project (OpenRaster, .ora) or a picture (PNG, JPEG, WebP or TIFF)
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Where it goes, with what is no foreground transparent: a name that ends in .png, .webp or .tif
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// A rough rectangle around it, in pixels; all of the picture if left out, whose edge is background then
    #[arg(long, value_name = "LEFT,TOP,RIGHT,BOTTOM", value_parser = parse_rect)]
    rect: Option<[u32; 4]>,

    /// Only what the model sees this in, one of its labels: "object", "water"
    #[arg(long, value_name = "LABEL")]
    label: Option<String>,

    /// A stroke over what is to be kept, through these places; several times for several strokes
    #[arg(long, value_name = "X,Y;X,Y…", value_parser = parse_points)]
    keep: Vec<Points>,

    /// A stroke over what is to be dropped
    #[arg(long, value_name = "X,Y;X,Y…", value_parser = parse_points)]
    drop: Vec<Points>,
}

/// Of a stroke.
#[derive(Clone, Debug)]
struct Points(Vec<Point>);

fn parse_rect(text: &str) -> Result<[u32; 4], String> {
    let sides: Option<Vec<u32>> = text.split(',').map(|it| it.trim().parse().ok()).collect();
    let sides = sides.and_then(|it| <[u32; 4]>::try_from(it).ok());
    let sound = sides.filter(|[left, top, right, bottom]| left < right && top < bottom);
    sound.ok_or_else(|| "it is left, top, right and bottom in pixels: 100,80,300,400".to_owned())
}

fn parse_points(text: &str) -> Result<Points, String> {
    let point = |it: &str| {
        let (x, y) = it.split_once(',')?;
        let number = |it: &str| it.trim().parse().ok().filter(|it: &f32| it.is_finite());
        Some(Point::new(number(x)?, number(y)?))
    };
    let points: Option<Vec<Point>> = text.split(';').map(point).collect();
    points.map(Points).ok_or_else(|| "it is places in pixels: 120,80;140,95".to_owned())
}

pub(crate) fn cutout(args: CutoutArgs) -> anyhow::Result<()> {
    let can_be = |it: Format| matches!(it, Format::Png | Format::WebP | Format::Tiff);
    ensure!(
        Format::of(&args.out).is_some_and(can_be),
        "What is cut out has transparent pixels: give a name that ends in .png, .webp or .tif\n{}",
        args.out.display()
    );
    io::check_out(&args.out)?;
    let strokes = |it: Vec<Points>| it.into_iter().map(|it| it.0).collect();
    let job = CutoutJob {
        file: args.file,
        out: args.out,
        rect: args.rect,
        label: args.label,
        keep: strokes(args.keep),
        drop: strokes(args.drop),
    };
    let bar = percent_bar()?;
    let progress = |share: f32| bar.set_position((share * 100.0) as u64);
    let done = headless::cutout(&job, load(&Choice::default()), &progress);
    bar.finish_and_clear();
    done.map_err(|err| anyhow!(err))?;
    tell(format!("Cut out\n{}", job.out.display()));
    Ok(())
}
