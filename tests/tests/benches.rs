//! The benchmarks still run; what they measure here says nothing.

use std::process::Command;

#[test]
fn every_bench_that_needs_no_bare_machine_prints_its_figures() {
    for name in ["reconnect", "firstsync", "edit", "fanout", "storm"] {
        let ran =
            Command::new(env!("CARGO_BIN_EXE_bench")).args([name, "--json", "--small"]).output().unwrap();
        assert!(ran.status.success(), "{name}: {}", String::from_utf8_lossy(&ran.stderr));
        let printed = String::from_utf8(ran.stdout).unwrap();
        assert!(printed.lines().count() >= 4, "{printed}");
        for line in printed.lines() {
            let figure: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(figure["bench"], name);
            assert!(figure["figure"].is_string() && figure["value"].is_f64() && figure["unit"].is_string());
        }
    }
}
