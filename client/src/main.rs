//! `waybill`: the window and the command line of a device.

use std::process::ExitCode;

fn main() -> ExitCode {
    waybill_client::cli::run(std::env::args_os())
}
