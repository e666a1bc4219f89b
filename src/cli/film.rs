//! A film of how a picture came about, without a window.

use std::path::PathBuf;

use alla_prima::film::FilmOptions;
use alla_prima::headless::{self, FilmJob};
use alla_prima::io::{self, FilmFormat};
use alla_prima::studio::{Choice, load};
use anyhow::{anyhow, ensure};
use clap::Args;

use super::export::{parse_tells, tells};
use super::{percent_bar, tell};

#[derive(Debug, Args)]
pub(crate) struct FilmArgs {
    /// A project (OpenRaster, .ora) that was saved here: it tells how it came about
    #[arg(value_name = "PROJECT")]
    file: PathBuf,

    /// Where it goes: a name that ends in .webp or .png (animated, without loss), .gif, or .mp4 (needs ffmpeg)
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// About how long it is, without the finished picture at the end
    #[arg(long, value_name = "SECONDS", default_value_t = FilmOptions::default().seconds, value_parser = parse_seconds)]
    seconds: f32,

    /// The longer side, in pixels, at most 768
    #[arg(long, value_name = "PIXELS", default_value_t = FilmOptions::default().side, value_parser = clap::value_parser!(u32).range(16..=768))]
    side: u32,

    /// For how long each edit is shown
    #[arg(long, value_name = "SECONDS", default_value_t = FilmOptions::default().hold, value_parser = parse_seconds)]
    hold: f32,

    /// Draw a frame around what is changing, and a line that tells how far the film is
    #[arg(long)]
    marks: bool,

    /// What the file is not to tell: prompt, recipe (seed and settings), origin (who painted); several with commas
    #[arg(long, value_name = "PARTS", value_delimiter = ',', value_parser = parse_tells)]
    without: Vec<String>,
}

fn parse_seconds(text: &str) -> Result<f32, String> {
    let seconds = text.parse().ok().filter(|it| (0.04..=600.0).contains(it));
    seconds.ok_or_else(|| "it is a number from 0.04 to 600".to_owned())
}

pub(crate) fn film(args: FilmArgs) -> anyhow::Result<()> {
    ensure!(
        FilmFormat::of(&args.out).is_some(),
        "A film is a WebP, PNG, GIF or MP4 file: give a name that ends in .webp, .png, .gif or .mp4\n{}",
        args.out.display()
    );
    ensure!(
        io::is_project(&args.file),
        "A film is made of a project: give one that ends in .ora\n{}",
        args.file.display()
    );
    let FilmArgs { file, out, seconds, side, hold, marks, without } = args;
    let options = FilmOptions { seconds, side, hold, marks };
    let job = FilmJob { file, out, options, tells: tells(&without) };
    let bar = percent_bar()?;
    let progress = |share: f32| bar.set_position((share * 100.0) as u64);
    let done = headless::film(&job, load(&Choice::default()), &progress);
    bar.finish_and_clear();
    done.map_err(|err| anyhow!(err))?;
    tell(format!("Filmed\n{}", job.out.display()));
    Ok(())
}
