//! What a crash has left, without a window.

use std::path::{Path, PathBuf};

use alla_prima::io::{self, Recovered};
use alla_prima::settings;
use anyhow::{Context as _, bail};
use clap::Args;

use super::print_line;

#[derive(Debug, Args)]
pub(crate) struct RecoverArgs {
    /// Save them as projects in this folder; without it they are listed, and the window offers them at its next start
    #[arg(long, value_name = "FOLDER")]
    to: Option<PathBuf>,
}

pub(crate) fn recover(args: &RecoverArgs) -> anyhow::Result<()> {
    let Some(root) = settings::recovery_folder() else {
        bail!("There is no home directory, so nothing was kept");
    };
    let found = io::recover(&root);
    if found.is_empty() {
        return print_line("Nothing is left of earlier runs");
    }
    for (number, recovered) in (1..).zip(found) {
        match &args.to {
            Some(folder) => save(recovered, folder, number)?,
            None => print_line(&told(&recovered))?,
        }
    }
    Ok(())
}

fn told(recovered: &Recovered) -> String {
    let picture = &recovered.state.project.picture;
    format!(
        "{}: {} × {} pixels, {} of {} cells, \"{}\"",
        recovered.state.name,
        picture.canvas.width(),
        picture.canvas.height(),
        picture.n_settled(),
        picture.cells.len(),
        picture.paint_settings.prompt,
    )
}

/// Under a name that nothing has yet.
fn save(recovered: Recovered, folder: &Path, number: u32) -> anyhow::Result<()> {
    let stem: String = recovered.state.name.chars().filter(|it| !"/\\:".contains(*it)).collect();
    let names = (number..).map(|it| folder.join(format!("{stem} (recovered {it}).ora")));
    let path = { names }.find(|it| !it.exists()).context("There is no free name")?;
    io::write_project(&path, &recovered.state.project)?;
    print_line(&path.display().to_string())?;
    // What lies in a file now is not needed twice.
    recovered.discard().context("The journal could not be removed")
}
