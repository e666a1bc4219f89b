//! Finished artwork, without a window.

use std::path::PathBuf;

use alla_prima::finish::{Finishing, Style};
use alla_prima::headless::{self, ExportJob};
use alla_prima::io;
use alla_prima::studio::{Choice, load};
use anyhow::{anyhow, ensure};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::tell;

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// A project (OpenRaster, .ora) or a picture (PNG, JPEG or WebP)
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Where it goes: a name that ends in .png, .jpg (laid on white) or .webp (without loss); several times for several files
    #[arg(long, value_name = "FILE", required = true)]
    out: Vec<PathBuf>,

    /// Paint it over: oil (thick strokes, with bristles that catch the light), gouache (flat ones, with dry edges), watercolour
    /// (thin washes on rough paper) or ink (lines and a pale wash); none leaves it as it is
    #[arg(long, value_name = "STYLE", default_value = "none", value_parser = parse_style)]
    finish: FinishStyle,

    /// So many times as large, to at most 8192 pixels a side; strokes are as sharp as their size allows
    #[arg(long, value_name = "N", default_value = "1", value_parser = parse_scale)]
    scale: f32,

    /// Another seed lays other strokes
    #[arg(long, default_value_t = Finishing::NONE.seed)]
    seed: u64,
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
    let finishing = Finishing { style: args.finish.0, scale: args.scale, seed: args.seed };
    let job = ExportJob { file: args.file, outs: args.out, finishing };
    let bar = ProgressBar::new(100);
    bar.set_style(ProgressStyle::with_template("{bar:40} {pos} % · {eta} left")?);
    let progress = |share: f32| bar.set_position((share * 100.0) as u64);
    let size = headless::export(&job, load(&Choice::default()), &progress);
    bar.finish_and_clear();
    let [width, height] = size.map_err(|err| anyhow!(err))?;
    for out in &job.outs {
        tell(format!("Exported {width} × {height} pixels\n{}", out.display()));
    }
    Ok(())
}
