//! `alla-prima info`: how a picture came about.

use std::path::Path;

use alla_prima::base::{Order, Prompt, Sampling};
use alla_prima::io::{self, Metadata, Notice, Origin, Recipe};
use anyhow::bail;
use serde_json::json;

use super::{print_line, tell};

/// Tells what is noted in a picture, for people or as JSON; and on stderr where the picture itself is damaged.
pub(crate) fn info(file: &Path, as_json: bool) -> anyhow::Result<()> {
    let text = match io::read_origin(file)? {
        Origin::Ours(it) if as_json => serde_json::to_string(&it)?,
        Origin::Ours(it) => ours(&it),
        Origin::Theirs(it) if as_json => json!({
            "program": it.program.name(),
            "prompt": it.prompt,
            "negative": it.negative,
            "seed": it.seed,
            "model": it.model,
        })
        .to_string(),
        Origin::Theirs(it) => theirs(&it),
        Origin::Untold => bail!(
            "This picture does not say how it was made: neither Alla Prima nor A1111, ComfyUI or InvokeAI has noted \
             anything in it\nFile: {}",
            file.display()
        ),
    };
    print_line(&text)?;
    match io::open_picture(file) {
        Ok(it) => it.notices.iter().filter(|it| is_damage(it)).for_each(tell),
        Err(err) => tell(err),
    }
    Ok(())
}

const fn is_damage(notice: &Notice) -> bool {
    match notice {
        Notice::PartMissing { .. } | Notice::LessSharp => true,
        Notice::ProfileIgnored(_) | Notice::ScaledDown { .. } => false,
    }
}

/// A line for each that there is something to say of.
fn lines(pairs: &[(&str, String)]) -> String {
    let told = pairs.iter().filter(|(_, text)| !text.is_empty());
    let lines: Vec<String> = told.map(|(name, it)| format!("{name:<11} {}", shown(it))).collect();
    lines.join("\n")
}

/// On one line, without what a terminal would take for a command.
fn shown(text: &str) -> String {
    text.chars().map(|it| if it.is_control() { ' ' } else { it }).collect()
}

fn ours(metadata: &Metadata) -> String {
    let request = &metadata.request;
    let plan = &request.plan;
    let own = request.prompts.first();
    let models = match &metadata.painters[..] {
        [] => request.model.name.clone(),
        painters => painters.iter().map(|it| it.name.as_str()).collect::<Vec<_>>().join(", "),
    };
    let painted_by = match (models.is_empty(), metadata.artist_painted) {
        _ if metadata.is_origin_left_out => "not told",
        (false, false) => "the model alone",
        (false, true) => "the model and a human's hand",
        (true, _) => "a human's hand alone",
    };
    let size = format!(
        "{} × {} pixels, {} × {} cells",
        plan.grid.width(),
        plan.grid.height(),
        plan.grid.cols,
        plan.grid.rows
    );
    lines(&[
        ("Prompt", own.map_or_else(String::new, |it| it.text.clone())),
        ("Negative", own.map_or_else(String::new, |it| it.negative.clone())),
        ("Regions", regions(&request.prompts, &plan.prompts)),
        ("Painted by", painted_by.to_owned()),
        ("Models", models),
        ("Seed", request.seed.to_string()),
        ("Order", order(&plan.order)),
        ("Guidance", own.map_or_else(String::new, |it| it.guidance.to_string())),
        ("Sampling", sampling(request.sampling)),
        ("Painted as", size),
        ("Finish", metadata.finish.clone().unwrap_or_default()),
        ("Seconds", metadata.seconds.map_or_else(String::new, |it| format!("{it:.1}"))),
    ])
}

/// The prompts of parts, each with the number of its cells.
fn regions(prompts: &[Prompt], of_cells: &[u16]) -> String {
    let region = |(idx, prompt): (u16, &Prompt)| {
        let n_cells = of_cells.iter().filter(|&&it| it == idx).count();
        (!prompt.text.is_empty()).then(|| format!("{} ({n_cells} cells)", prompt.text))
    };
    let regions: Vec<String> = (0..).zip(prompts).skip(1).filter_map(region).collect();
    regions.join("; ")
}

fn order(order: &Order) -> String {
    match order {
        Order::Rows => "rows".to_owned(),
        Order::Composed => "composed".to_owned(),
        Order::Outline => "outline".to_owned(),
        Order::Around(_) => "around".to_owned(),
        Order::Sure => "sure".to_owned(),
        Order::Random => "random".to_owned(),
        Order::List(cells) => format!("as listed, {} cells", cells.len()),
    }
}

fn sampling(sampling: Sampling) -> String {
    let Sampling { temperature, top_k, top_p, guided } = sampling;
    let mut parts = vec![format!("temperature {temperature}")];
    if 0 < top_k {
        parts.push(format!("top-k {top_k}"));
    }
    if top_p < 1.0 {
        parts.push(format!("top-p {top_p}"));
    }
    if guided != alla_prima::base::GuidedSpan::default() {
        parts.push(format!("guided {},{},{}", guided.from, guided.to, guided.ramp));
    }
    parts.join(", ")
}

fn theirs(recipe: &Recipe) -> String {
    lines(&[
        ("Prompt", recipe.prompt.clone()),
        ("Negative", recipe.negative.clone()),
        ("Made with", recipe.program.name().to_owned()),
        ("Model", recipe.model.clone().unwrap_or_default()),
        ("Seed", recipe.seed.map_or_else(String::new, |it| it.to_string())),
    ])
}
