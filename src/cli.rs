//! Options and verbs of the command line.

mod cutout;
mod export;
mod film;
mod info;
mod models;
mod recover;

use std::fmt::Display;
use std::io::{self as std_io, Write as _};
use std::path::PathBuf;

use alla_prima::base::{Cell, GuidedSpan, Hardware, Order, Precision, Prompt};
use alla_prima::engine::Guessing;
use alla_prima::export::ExportOptions;
use alla_prima::headless::{self, Job, Report, SamplingOverrides};
use alla_prima::io;
use alla_prima::model::hardware;
use alla_prima::settings::{self, Settings};
use alla_prima::studio::{Choice, NewCanvas, load};
use alla_prima::ui::{self, WindowOptions};
use anyhow::{anyhow, ensure};
use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};

pub(crate) use self::cutout::{CutoutArgs, cutout};
use self::export::FinishStyle;
pub(crate) use self::export::{ExportArgs, export};
pub(crate) use self::film::{FilmArgs, film};
pub(crate) use self::info::info;
pub(crate) use self::models::{ModelsArgs, models};
pub(crate) use self::recover::{RecoverArgs, recover};

/// A painting studio in which an autoregressive image model paints under your brush.
///
/// Without a verb, the window opens.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Option<Verb>,

    #[command(flatten)]
    pub(crate) window: WindowArgs,
}

#[derive(Debug, Args)]
pub(crate) struct WindowArgs {
    /// Projects and pictures to open
    #[arg(value_name = "FILE")]
    open: Vec<PathBuf>,

    /// Where Ctrl+Shift+E exports to, without asking
    #[arg(long, value_name = "FILE")]
    export_to: Option<PathBuf>,

    /// What published models compute on, from now on: as with "paint"; GPUs are experimental
    #[arg(long, value_name = "auto|cpu|cuda|metal", value_parser = parse_device)]
    device: Option<Hardware>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Paint without a window, or edit a picture
    Paint(Box<PaintArgs>),

    /// Export a project or a picture as finished artwork: larger, and painted over in oil, gouache, watercolour or ink
    Export(ExportArgs),

    /// Cut a picture's foreground out: the rest becomes transparent
    Cutout(CutoutArgs),

    /// Make a film of how a project came about: animated WebP, PNG or GIF, or MP4
    Film(FilmArgs),

    /// Tell how a picture came about: one exported here, or by A1111, ComfyUI or InvokeAI
    Info {
        file: PathBuf,

        /// Print all of it as one JSON object on stdout
        #[arg(long)]
        json: bool,
    },

    /// List, get, add, verify or remove models to paint with
    Models(ModelsArgs),

    /// List or save the pictures that a crash has left
    Recover(RecoverArgs),
}

#[derive(Debug, Args)]
pub(crate) struct PaintArgs {
    /// What to paint; with --open, the words for whatever the script paints without words of its own
    #[arg(value_parser = parse_prompt, required_unless_present = "open")]
    prompt: Option<String>,

    /// Go on with this project (OpenRaster, .ora), or edit this picture (PNG, JPEG, WebP or TIFF) with the script instead of painting
    /// one. It keeps its size; the model sees it as small as it must. A picture that was exported here brings its words, its
    /// seed and its settings along
    #[arg(long, value_name = "FILE", conflicts_with = "size")]
    open: Option<PathBuf>,

    /// The model to paint with: a name that "models list" tells, or a file or folder; the landscape painter that
    /// is part of the program if left out
    #[arg(long, value_name = "NAME|PATH")]
    model: Option<String>,

    /// The folder of the text encoder Flan-T5, where the model needs it and it is elsewhere than "models add" says
    #[arg(long, value_name = "FOLDER", requires = "model")]
    text_encoder: Option<PathBuf>,

    /// How exactly the model's weights are kept: fewer bits take less memory and paint faster
    #[arg(long, value_name = "q8|q6k|q4k|f32", default_value = "q8", value_parser = parse_precision)]
    precision: Precision,

    /// What a published model computes on: auto takes a GPU where the program was built for one and finds it, else
    /// the processor. GPUs are experimental
    #[arg(long, value_name = "auto|cpu|cuda|metal", default_value = "auto", value_parser = parse_device)]
    device: Hardware,

    /// Another seed is another picture; 1 if left out
    #[arg(long)]
    seed: Option<u64>,

    /// How closely to follow the words, from 1 to 30; the model's own choice if left out
    #[arg(long, value_name = "G", value_parser = parse_guidance)]
    guidance: Option<f32>,

    /// Below 1 is safer, above 1 is wilder; the model's own choice if left out, as in the next three
    #[arg(long, value_name = "T", value_parser = parse_temperature)]
    temperature: Option<f32>,

    /// Only the best K codes come into question; 0 for all
    #[arg(long, value_name = "K")]
    top_k: Option<usize>,

    /// Only the best codes that together reach this share of the odds
    #[arg(long, value_name = "P", value_parser = parse_top_p)]
    top_p: Option<f32>,

    /// In which part of the picture guidance counts: FROM,TO,RAMP, each from 0 to 1 of its cells; over RAMP
    /// it grows
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    guided: Option<GuidedSpan>,

    /// What to lean away from
    #[arg(long, value_name = "TEXT")]
    negative: Option<String>,

    /// How large the canvas is, in pixels; what is larger than the model sees at once is painted part by part, each knowing
    /// those beside it
    #[arg(long, value_name = "WIDTHxHEIGHT", value_parser = parse_size)]
    size: Option<[u32; 2]>,

    /// How many pixels of the canvas each of the model's own takes along each side, from 1 to 4; what suits model and size
    /// if left out. The built-in model paints 576 × 576 pixels, by itself on a canvas of 1152 × 1152
    #[arg(long, value_name = "N", conflicts_with = "open", value_parser = clap::value_parser!(u16).range(1..=4))]
    scale: Option<u16>,

    /// In which order: rows, composed (every fourth cell, then rows), outline (every fourth cell, then every
    /// second, then the rest), around (the edit; else the middle), sure
    /// (what the model is least in doubt about), random (by the seed), or a list of cells to begin with, as
    /// in "7,3 7,4" (row, column); the model's own choice if left out
    #[arg(long, value_name = "ORDER", value_parser = parse_order)]
    order: Option<Order>,

    /// Where the picture goes
    #[arg(long, value_name = "FILE", default_value = "painting.png")]
    out: PathBuf,

    /// Paint it over at the end, as "export" does: oil, gouache, watercolour or ink
    #[arg(long, value_name = "STYLE", default_value = "none", value_parser = export::parse_style)]
    finish: FinishStyle,

    /// And so many times as large
    #[arg(long, value_name = "N", default_value = "1", value_parser = export::parse_scale)]
    finish_scale: f32,

    /// Keep the picture before and after each edit in this folder
    #[arg(long, value_name = "DIR")]
    steps: Option<PathBuf>,

    /// Settle so many cells of the picture, and save it as a project: --open goes on from there
    #[arg(long, value_name = "N")]
    cells: Option<usize>,

    /// A script of edits, in JSON
    #[arg(long, value_name = "FILE")]
    edit: Option<PathBuf>,

    /// Print what it took as one JSON object on stdout
    #[arg(long)]
    json: bool,

    /// How many cells to look at in one pass, guessing ahead: off, a number, or auto for what is fastest
    /// here. Never changes the picture
    #[arg(long, value_name = "auto|off|N", default_value = "auto", value_parser = parse_speculate)]
    speculate: Guessing,
}

fn parse_prompt(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("the prompt is empty: say in a few words what to paint".to_owned()),
        _ => Ok(text.to_owned()),
    }
}

fn parse_guidance(text: &str) -> Result<f32, String> {
    parse_number(text, "the guidance is a number from 1 to 30", |it| Prompt::GUIDANCE.contains(&it))
}

fn parse_temperature(text: &str) -> Result<f32, String> {
    parse_number(text, "the temperature is a number above 0", |it| 0.0 < it && it.is_finite())
}

fn parse_top_p(text: &str) -> Result<f32, String> {
    parse_number(text, "top-p is a number above 0 and at most 1", |it| 0.0 < it && it <= 1.0)
}

fn parse_span(text: &str) -> Result<GuidedSpan, String> {
    let numbers: Vec<f32> = text.split(',').filter_map(|it| it.trim().parse().ok()).collect();
    match numbers[..] {
        [from, to, ramp]
            if 0.0 <= from && from <= to && to <= 1.0 && (0.0..=1.0).contains(&ramp) =>
        {
            Ok(GuidedSpan { from, to, ramp })
        }
        _ => Err("it is three numbers from 0 to 1, FROM,TO,RAMP, as in 0,0.8,0.1".to_owned()),
    }
}

fn parse_size(text: &str) -> Result<[u32; 2], String> {
    let sides = text.split_once(['x', '×']).and_then(|(width, height)| {
        Some([width.trim().parse().ok()?, height.trim().parse().ok()?])
    });
    sides.ok_or_else(|| "it is a width and a height in pixels, as in 1728x576".to_owned())
}

fn parse_order(text: &str) -> Result<Order, String> {
    let named = match text {
        "rows" => Order::Rows,
        "composed" => Order::Composed,
        "outline" => Order::Outline,
        "around" => Order::Around(Vec::new()),
        "sure" => Order::Sure,
        "random" => Order::Random,
        _ => return parse_cells(text).map(Order::List),
    };
    Ok(named)
}

fn parse_cells(text: &str) -> Result<Vec<Cell>, String> {
    let cell = |it: &str| {
        let (row, col) = it.split_once(',')?;
        Some(Cell::new(row.parse().ok()?, col.parse().ok()?))
    };
    let cells: Option<Vec<Cell>> = text.split_whitespace().map(cell).collect();
    cells.filter(|it| !it.is_empty()).ok_or_else(|| {
        "it is rows, composed, outline, around, sure, random, or a list of cells as in \"7,3 7,4\"".to_owned()
    })
}

fn parse_number(text: &str, rule: &str, fits: impl Fn(f32) -> bool) -> Result<f32, String> {
    text.parse().ok().filter(|&it| fits(it)).ok_or_else(|| rule.to_owned())
}

fn parse_speculate(text: &str) -> Result<Guessing, String> {
    match text {
        "auto" => Ok(Guessing::Auto),
        "off" => Ok(Guessing::Off),
        _ => match text.parse() {
            Ok(window) if 0 < window => Ok(Guessing::Window(window)),
            _ => Err("it is auto, off, or a number of cells above 0".to_owned()),
        },
    }
}

fn parse_precision(text: &str) -> Result<Precision, String> {
    let known = Precision::ALL.into_iter().find(|it| it.name() == text.to_lowercase());
    known.ok_or_else(|| "it is q8, q6k, q4k or f32".to_owned())
}

fn parse_device(text: &str) -> Result<Hardware, String> {
    let known = Hardware::ALL.into_iter().find(|it| it.name() == text.to_lowercase());
    let known = known.ok_or_else(|| "it is auto, cpu, cuda or metal".to_owned())?;
    hardware::ensure_built_in(known).map_err(|err| err.to_string())?;
    Ok(known)
}

/// The model that the command line names.
fn choice(args: &PaintArgs) -> anyhow::Result<Choice> {
    let &PaintArgs { precision, device: hardware, .. } = args;
    let Some(name) = &args.model else {
        return Ok(Choice { precision, hardware, ..Choice::default() });
    };
    let catalog = models::catalog();
    models::tell_problem(&catalog);
    let mut sources = catalog.sources(name)?;
    if let (Some(sources), Some(folder)) = (&mut sources, &args.text_encoder) {
        sources.text_encoder = Some(folder.clone());
        sources.tokenizer = None;
    }
    Ok(Choice { name: name.clone(), sources, precision, hardware })
}

/// The model that the window was left with, where it is still here; else the built-in one, and why.
fn last_choice(hardware: Option<Hardware>) -> (Choice, Option<String>) {
    // The window says what there is to say of them.
    let (settings, _) = Settings::load();
    let precision = settings.precision;
    // A GPU that another build had is none of this one's.
    let known = Some(settings.hardware).filter(|&it| hardware::is_built_in(it));
    let hardware = hardware.or(known).unwrap_or_default();
    let built_in = Choice { precision, hardware, ..Choice::default() };
    let Some(name) = settings.model else { return (built_in, None) };
    match models::catalog().sources(&name) {
        Ok(sources) => (Choice { name, sources, precision, hardware }, None),
        Err(err) => {
            let why = format!("Painting with {}, as {name} is not here: {err}", built_in.name);
            (built_in, Some(why))
        }
    }
}

pub(crate) fn open_window(args: WindowArgs) -> anyhow::Result<()> {
    if cfg!(target_os = "linux") {
        let is_set = |name| std::env::var_os(name).is_some_and(|it| !it.is_empty());
        ensure!(
            is_set("DISPLAY") || is_set("WAYLAND_DISPLAY"),
            "There is no display to open a window on\n\
             To paint without one: alla-prima paint \"a lake at dusk\" --out lake.png"
        );
    }
    let (choice, notice) = last_choice(args.device);
    let load = load(&choice);
    let options = WindowOptions {
        export_to: args.export_to,
        model: Some(choice),
        notice,
        open: args.open,
        ..WindowOptions::default()
    };
    ui::open(load, options).map_err(|err| anyhow!("The window could not be opened: {err}"))
}

pub(crate) fn paint(args: PaintArgs) -> anyhow::Result<()> {
    let script = match &args.edit {
        Some(path) => headless::read_script(path).map_err(|err| anyhow!(err))?,
        None => Vec::new(),
    };
    if let Some(folder) = &args.steps {
        std::fs::create_dir_all(folder).map_err(|err| {
            anyhow!("The folder for the steps could not be made: {err}\n{}", folder.display())
        })?;
    }
    let as_json = args.json;
    let choice = choice(&args)?;
    let job = job(args, script)?;

    let bar = ProgressBar::new(0);
    bar.set_style(ProgressStyle::with_template(
        "{bar:40} {pos}/{len} cells · {per_sec} · {eta} left",
    )?);
    let report = headless::paint(&job, load(&choice), &mut |settled, cells| {
        bar.set_length(cells as u64);
        bar.set_position(settled as u64);
    });
    bar.finish_and_clear();
    let report = report.map_err(|err| anyhow!(err))?;

    report.notices.iter().for_each(tell);
    for it in &report.understood {
        match &it.taken_for {
            Some(words) if *words != it.word => tell(format!("{} → {words}", it.word)),
            Some(_) => (),
            None => tell(format!("{} → not heard", it.word)),
        }
    }
    tell(format!("{}\n{}", summary(&report), job.out.display()));
    if as_json {
        print_line(&serde_json::to_string(&report)?)?;
    }
    Ok(())
}

fn summary(report: &Report) -> String {
    let rate = match report.cells_per_second {
        it if it < 0.5 => String::new(),
        it => format!(" ({it:.0} cells/s)"),
    };
    format!("Painted {} cells{rate}, {:.1} s in all", report.cells, report.seconds)
}

fn job(args: PaintArgs, script: Vec<headless::Entry>) -> anyhow::Result<Job> {
    ensure!(
        !args.out.is_dir(),
        "The picture has nowhere to go: this is a folder\n{}",
        args.out.display()
    );
    io::check_out(&args.out)?;
    ensure!(
        args.cells.is_none() || io::is_project(&args.out),
        "What is not finished is saved as a project: give a name that ends in .ora\n{}",
        args.out.display()
    );
    let is_picture = args.open.as_deref().is_some_and(|it| !io::is_project(it));
    if is_picture && args.edit.is_none() {
        let why = "A picture is opened to be edited: say how with --edit SCRIPT";
        Cli::command().error(ErrorKind::MissingRequiredArgument, why).exit();
    }
    ensure!(
        (args.finish.0.is_none() && args.finish_scale <= 1.0) || !io::is_project(&args.out),
        "A project is not finished: give a picture's name, or export the project afterwards\n{}",
        args.out.display()
    );
    io::check_writable(&args.out)?;
    let PaintArgs { temperature, top_k, top_p, guided, .. } = args;
    let sampling = SamplingOverrides { temperature, top_k, top_p, guided };
    Ok(Job {
        prompt: args.prompt.unwrap_or_default(),
        negative: args.negative,
        seed: args.seed,
        guidance: args.guidance,
        sampling,
        canvas: NewCanvas { size: args.size, scale: args.scale, background: None },
        order: args.order,
        guessing: args.speculate,
        open: args.open,
        stop_at: args.cells,
        journals: settings::recovery_folder(),
        script,
        script_path: args.edit,
        out: args.out,
        steps: args.steps,
        options: ExportOptions {
            style: args.finish.0,
            scales: vec![args.finish_scale],
            ..ExportOptions::default()
        },
    })
}

/// An answer, on stdout. Whoever reads it may have seen enough before its end.
pub(super) fn print_line(text: &str) -> anyhow::Result<()> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(err) if err.kind() == std_io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(|err| anyhow!("The answer could not be written: {err}")),
    }
}

/// How much is done of something that is told in per cent.
fn percent_bar() -> anyhow::Result<ProgressBar> {
    let style = ProgressStyle::with_template("{bar:40} {pos} % · {eta} left")?;
    Ok(ProgressBar::new(100).with_style(style))
}

/// What there is to say beside the answer, on stderr. Where nobody can be told, what was asked for is done all the same.
pub(crate) fn tell(text: impl Display) {
    writeln!(std::io::stderr().lock(), "{text}").ok();
}
