use rstest::rstest;

use crate::program::run;

#[rstest]
fn every_command_helps_with_an_example(
    #[values("demo", "export", "plugins", "check", "fields", "sandbox")] name: &str,
) {
    let help = run(&[name, "--help"]).exits(0).stdout;
    let (_, example) = help.split_once("Example:\n").unwrap();
    assert!(example.trim_start().starts_with(&format!("outflow {name}")), "{help}");
    assert!(help.contains("--output <FORMAT>"), "{help}");
}

#[test]
fn the_program_lists_its_commands() {
    let help = run(&["--help"]).exits(0).stdout;
    for name in ["demo", "export", "plugins", "check", "fields", "sandbox"] {
        assert!(help.contains(&format!("\n  {name} ")), "{help}");
    }
    assert!(help.contains("Examples:\n  outflow demo"), "{help}");
    assert!(run(&["--version"]).exits(0).stdout.starts_with("outflow "));
}

#[test]
fn a_command_that_is_not_there_is_a_usage_error() {
    run(&["exprot"]).exits(2).says(&["exprot", "export"]);
    run(&[] as &[&str]).exits(2).says(&["Usage:"]);
}
