//! Finished artwork, without a window.

use std::path::PathBuf;

use alla_prima::base::Depth;
use alla_prima::export::ExportOptions;
use alla_prima::finish::{Finishing, Style};
use alla_prima::headless::{self, ExportJob};
use alla_prima::io::{self, FileOptions, Tells};
use alla_prima::studio::{Choice, load};
use anyhow::{anyhow, ensure};
use clap::Args;

use super::{percent_bar, tell};

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// A project (OpenRaster, .ora) or a picture (PNG, JPEG, WebP or TIFF)
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Where it goes: a name that ends in .png, .jpg (laid on white), .webp (without loss), .tif or .pdf; several times for several
    /// files
    #[arg(long, value_name = "FILE", required = true)]
    out: Vec<PathBuf>,

    /// Paint it over: oil (thick strokes, with bristles that catch the light), gouache (flat ones, with dry edges), watercolour
    /// (thin washes on rough paper) or ink (lines and a pale wash); none leaves it as it is
    #[arg(long, value_name = "STYLE", default_value = "none", value_parser = parse_style)]
    finish: FinishStyle,

    /// So many times as large, to at most 8192 pixels a side; strokes are as sharp as their size allows. Several times for several
    /// sizes: each stands in its file's name then
    #[arg(long, value_name = "N", default_value = "1", value_parser = parse_scale)]
    scale: Vec<f32>,

    /// Another seed lays other strokes
    #[arg(long, default_value_t = Finishing::NONE.seed)]
    seed: u64,

    /// Of JPEG files, from 1 to 100
    #[arg(long, value_name = "Q", default_value_t = FileOptions::default().quality, value_parser = clap::value_parser!(u8).range(1..=100))]
    quality: u8,

    /// Bits of a value: 16 for PNG, TIFF and PDF, if wanted; other files have 8
    #[arg(long, value_name = "8|16", default_value = "8", value_parser = parse_depth)]
    depth: Depth,

    /// Pixels per inch on paper
    #[arg(long, value_name = "N", default_value_t = FileOptions::default().dpi, value_parser = clap::value_parser!(u16).range(1..=2400))]
    dpi: u16,

    /// What the files are not to tell: prompt, recipe (seed and settings), origin (who painted); several with commas
    #[arg(long, value_name = "PARTS", value_delimiter = ',', value_parser = parse_tells)]
    without: Vec<String>,
}

/// `None` leaves the picture as it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct FinishStyle(pub(super) Option<Style>);

pub(super) fn parse_style(text: &str) -> Result<FinishStyle, String> {
    let name = text.to_lowercase();
    if name == "none" {
        return Ok(FinishStyle(None));
    }
    let known = Style::from_name(if name == "watercolor" { "watercolour" } else { &name })
        .map(|it| FinishStyle(Some(it)));
    let names = || Style::ALL.map(Style::name).join(", ");
    known.ok_or_else(|| format!("it is none, {}", names()))
}

pub(super) fn parse_scale(text: &str) -> Result<f32, String> {
    let scale = text.parse().ok().filter(|it| (1.0..=64.0).contains(it));
    scale.ok_or_else(|| "it is a number from 1 to 64".to_owned())
}

/// A part of what a file can tell.
pub(super) fn parse_tells(text: &str) -> Result<String, String> {
    let is_known = ["prompt", "recipe", "origin"].contains(&text);
    if is_known { Ok(text.to_owned()) } else { Err("it is prompt, recipe or origin".to_owned()) }
}

/// All but these.
pub(super) fn tells(without: &[String]) -> Tells {
    let is_told = |part: &str| !without.iter().any(|it| it == part);
    Tells { prompt: is_told("prompt"), recipe: is_told("recipe"), origin: is_told("origin") }
}

fn parse_depth(text: &str) -> Result<Depth, String> {
    match text {
        "8" => Ok(Depth::Eight),
        "16" => Ok(Depth::Sixteen),
        _ => Err("it is 8 or 16".to_owned()),
    }
}

pub(crate) fn export(args: ExportArgs) -> anyhow::Result<()> {
    for out in &args.out {
        ensure!(
            !io::is_project(out),
            "A project is saved, not exported: give a name that ends in .png\n{}",
            out.display()
        );
        io::check_out(out)?;
        ensure!(
            out.canonicalize().ok().is_none_or(|it| args.file.canonicalize().ok() != Some(it)),
            "It would take the place of what it is made of: give another name\n{}",
            out.display()
        );
    }
    let options = ExportOptions {
        style: args.finish.0,
        seed: args.seed,
        scales: args.scale.clone(),
        formats: Vec::new(),
        file: FileOptions {
            quality: args.quality,
            depth: args.depth,
            dpi: args.dpi,
            tells: tells(&args.without),
        },
    };
    let job = ExportJob { file: args.file, outs: args.out, options };
    let bar = percent_bar()?;
    let progress = |share: f32| bar.set_position((share * 100.0) as u64);
    let files = headless::export(&job, load(&Choice::default()), &progress);
    bar.finish_and_clear();
    for file in files.map_err(|err| anyhow!(err))? {
        tell(format!("Exported\n{}", file.display()));
    }
    Ok(())
}
