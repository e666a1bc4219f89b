//! Published networks: they compute what their reference implementations compute, answer alike in any company, and
//! paint pictures through engine and studio.
#![expect(clippy::unwrap_used, reason = "all of this is a test")]
#![allow(clippy::print_stdout, reason = "measured errors, shown with --nocapture")]

mod company;
mod files;
mod kept;
mod painting;
mod parity;
mod program;
mod randar;
mod tiny;
