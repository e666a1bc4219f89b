//! The command line: opens the window, or paints without one.

mod cli;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::{Cli, Verb};

fn main() -> ExitCode {
    env_logger::Builder::from_env(
        env_logger::Env::default().default_filter_or("warn,alla_prima=info"),
    )
    .format_target(false)
    .init();
    let cli = Cli::parse();
    let done = match cli.verb {
        None => cli::open_window(cli.window),
        Some(Verb::Paint(options)) => cli::paint(*options),
        Some(Verb::Export(args)) => cli::export(args),
        Some(Verb::Cutout(args)) => cli::cutout(args),
        Some(Verb::Film(args)) => cli::film(args),
        Some(Verb::Info { file, json }) => cli::info(&file, json),
        Some(Verb::Models(args)) => cli::models(args),
        Some(Verb::Recover(args)) => cli::recover(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            // Each error tells its cause itself.
            cli::tell(err);
            ExitCode::FAILURE
        }
    }
}
