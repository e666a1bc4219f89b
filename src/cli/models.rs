//! `alla-prima models`: which models there are, getting them, checking them, removing them.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::mpsc::Sender;

use alla_prima::base::Precision;
use alla_prima::catalog::{
    Catalog, Known, ModelEntry, ModelState, Places, ProgressHandle, read_bandwidth, removal,
    size_text, verdict,
};
use alla_prima::settings;
use anyhow::{bail, ensure};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::{print_line, tell};

#[derive(Debug, Args)]
pub(crate) struct ModelsArgs {
    #[command(subcommand)]
    verb: ModelsVerb,
}

#[derive(Debug, Subcommand)]
enum ModelsVerb {
    /// List all models: what they paint, what they take, whether they are here
    List {
        /// Print one JSON array on stdout
        #[arg(long)]
        json: bool,
    },

    /// Download a model; goes on where an earlier download has stopped
    Get {
        name: String,

        /// Accept the licence that the model is published under
        #[arg(long)]
        accept_licence: bool,
    },

    /// Make a file or folder on disk a model; nothing is copied
    Add {
        path: PathBuf,

        /// What to call it; its own name if left out
        #[arg(long, value_name = "NAME")]
        name: Option<String>,

        /// The folder of the text encoder Flan-T5, for LlamaGen's text models; if left out, a folder beside the model
        /// whose name has "t5" in it, or the one that was downloaded
        #[arg(long, value_name = "FOLDER")]
        text_encoder: Option<PathBuf>,
    },

    /// Read all files of a model, and compare them with what was published
    Verify { name: String },

    /// Delete what was downloaded of a model; one that was added is only forgotten
    Remove { name: String },
}

/// The catalogue of whoever runs the program.
pub(crate) fn catalog() -> Catalog {
    Catalog::new(Places::from_env(settings::folder().as_deref()))
}

/// Says where what was noted of models cannot be read: models seem to be unknown then, and licences not accepted.
pub(super) fn tell_problem(catalog: &Catalog) {
    if let Some(problem) = catalog.register_problem() {
        tell(problem);
    }
}

pub(crate) fn models(args: ModelsArgs) -> anyhow::Result<()> {
    let catalog = catalog();
    tell_problem(&catalog);
    match args.verb {
        ModelsVerb::List { json } => list(&catalog.entries(), json),
        ModelsVerb::Get { name, accept_licence } => get(&catalog, &name, accept_licence),
        ModelsVerb::Add { path, name, text_encoder } => {
            let name = catalog.add(&path, name.as_deref(), text_encoder.as_deref())?;
            tell(format!("Added {name}"));
            Ok(())
        }
        ModelsVerb::Verify { name } => verify(&catalog, &name),
        ModelsVerb::Remove { name } => {
            let removed = catalog.remove(&name)?;
            tell(format!("Removed {name}: {} free again", size_text(removed.freed_bytes)));
            removal(&removed).into_iter().for_each(tell);
            Ok(())
        }
    }
}

fn list(entries: &[ModelEntry], as_json: bool) -> anyhow::Result<()> {
    let bandwidth = read_bandwidth();
    if as_json {
        let all: Vec<Value> = entries.iter().map(|it| as_object(it, bandwidth)).collect();
        return print_line(&serde_json::to_string_pretty(&all)?);
    }
    let mut table = format!(
        "{:<24} {:>11} {:>10} {:>9} {:>9}  {:<14} {}",
        "name", "pixels", "download", "memory", "cells/s", "state", "licence"
    );
    for entry in entries {
        let about = |text: Option<String>| text.map_or_else(String::new, |it| format!("~{it}"));
        let (pixels, download, licence) = match entry.known {
            Some(known) => {
                let side = u32::from(known.side) * 16;
                (format!("{side} × {side}"), known.download_bytes.map(size_text), licences(known))
            }
            None => (String::new(), None, String::new()),
        };
        let memory = entry.memory_bytes(Precision::default()).map(size_text);
        let speed = entry.cells_per_sec(Precision::default(), bandwidth).map(per_sec);
        let state = match &entry.state {
            ModelState::BuiltIn => "built in".to_owned(),
            ModelState::Absent { bytes_here: 0 } => String::new(),
            ModelState::Absent { bytes_here } => format!("begun, {}", size_text(*bytes_here)),
            ModelState::Here { bytes, .. } => format!("here, {}", size_text(*bytes)),
            ModelState::Lost(_) => "lost".to_owned(),
        };
        table += &format!(
            "\n{:<24} {pixels:>11} {:>10} {:>9} {:>9}  {state:<14} {licence}",
            entry.name,
            about(download),
            about(memory),
            about(speed),
        );
    }
    print_line(&table)?;
    tell("Memory and speed are for 8-bit weights (--precision q8) on this machine's processor");
    Ok(())
}

fn as_object(entry: &ModelEntry, bandwidth: f64) -> Value {
    let (state, bytes) = match &entry.state {
        ModelState::BuiltIn => ("built in", 0),
        ModelState::Absent { bytes_here: 0 } => ("absent", 0),
        ModelState::Absent { bytes_here } => ("begun", *bytes_here),
        ModelState::Here { bytes, .. } => ("here", *bytes),
        ModelState::Lost(_) => ("lost", 0),
    };
    let of_each = |value: &dyn Fn(Precision) -> Option<Value>| -> Value {
        let pairs =
            Precision::ALL.iter().filter_map(|&it| Some((it.name().to_owned(), value(it)?)));
        Value::Object(pairs.collect())
    };
    json!({
        "name": entry.name,
        "state": state,
        "bytes_here": bytes,
        "paints": entry.known.map(|it| it.paints),
        "side_pixels": entry.known.map(|it| u32::from(it.side) * 16),
        "about_download_bytes": entry.known.and_then(|it| it.download_bytes),
        "about_memory_bytes": of_each(&|it| entry.memory_bytes(it).map(Value::from)),
        "about_cells_per_second":
            of_each(&|it| entry.cells_per_sec(it, bandwidth).map(Value::from)),
        "licences": entry.known.map(|it| {
            it.licences.iter().map(|it| json!({ "name": it.name, "url": it.url })).collect::<Vec<_>>()
        }),
        "is_licence_accepted": entry.is_accepted,
    })
}

fn get(catalog: &Catalog, name: &str, accept_licence: bool) -> anyhow::Result<()> {
    let entry = catalog.entry(name)?;
    if entry.is_here() {
        tell(format!("{} is here already", entry.name));
        return Ok(());
    }
    if let Some(known) = entry.known.filter(|_| !entry.is_accepted) {
        for licence in known.licences {
            tell(format!("{} is published under {}", known.name, licence.name));
            tell(format!("{}\nIn full: {}", licence.says, licence.url));
        }
        ensure!(
            accept_licence || is_accepted()?,
            "Nothing was downloaded: to accept the licence, add --accept-licence"
        );
        catalog.accept(known)?;
    }
    let (bar, mut progress, _stop) = progress()?;
    let fetched = catalog.fetch(&entry.name, &mut progress);
    bar.finish_and_clear();
    fetched?;
    tell(format!(
        "{0} is here\nTo paint with it: alla-prima paint --model {0} \"a fox in the snow\" --out fox.png",
        entry.name
    ));
    Ok(())
}

/// Asks on a terminal; elsewhere nobody can answer.
fn is_accepted() -> anyhow::Result<bool> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Ok(false);
    }
    write!(std::io::stderr(), "Do you accept? [y/N] ")?;
    std::io::stderr().flush()?;
    let mut answer = String::new();
    stdin.lock().read_line(&mut answer)?;
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}

fn verify(catalog: &Catalog, name: &str) -> anyhow::Result<()> {
    let (bar, mut progress, _stop) = progress()?;
    let checked = catalog.verify(name, &mut progress);
    bar.finish_and_clear();
    let checked = checked?;
    let text = verdict(&checked);
    if checked.damaged.is_empty() {
        tell(text);
    } else {
        bail!("{text}")
    }
    Ok(())
}

fn progress() -> anyhow::Result<(ProgressBar, ProgressHandle, Sender<()>)> {
    let bar = ProgressBar::new(0);
    bar.set_style(ProgressStyle::with_template(
        "{bar:40} {bytes}/{total_bytes} · {bytes_per_sec} · {eta} left",
    )?);
    let shown = bar.clone();
    let (progress, stop) = ProgressHandle::new(move |progress| {
        shown.set_length(progress.all);
        shown.set_position(progress.done);
    });
    Ok((bar, progress, stop))
}

fn licences(known: &Known) -> String {
    known.licences.iter().map(|it| it.name).collect::<Vec<_>>().join(", ")
}

fn per_sec(cells: f32) -> String {
    if cells < 10.0 { format!("{cells:.1}") } else { format!("{cells:.0}") }
}
