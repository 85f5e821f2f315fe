//! `demo`: the launcher of the demo company, and with `server …` or `client …` either of the programs.

fn main() -> std::process::ExitCode {
    waybill_tests::demo::main(std::env::args_os())
}
