//! The program `waybill-server`.

use std::process::ExitCode;

fn main() -> ExitCode {
    waybill_server::cli::run(std::env::args_os())
}
