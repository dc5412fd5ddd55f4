//! What the READMEs promise, and the shape of the house that they describe.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The blocks of code in one language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let begin = format!("```{language}\n");
    let blocks = text.split(&begin).skip(1);
    blocks.map(|rest| rest.split("```").next().unwrap_or_default().to_owned()).collect()
}

/// All files with this ending, without what a build made and what is hidden.
fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "target" && !name.starts_with('.') {
                files(&path, ending, found);
            }
        } else if name.ends_with(ending) {
            found.push(path);
        }
    }
}

fn all_files(ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    files(&root(), ending, &mut found);
    assert!(!found.is_empty());
    found
}

fn lines(path: &Path) -> usize {
    fs::read_to_string(path).unwrap().lines().count()
}

#[test]
fn ci_runs_every_command_of_the_readme() {
    let script = read(".ci/run");
    let (_, rest) = script.split_once("readme_commands() {\n").expect("it reads them");
    let (function, rest) = rest.split_once("\n}").unwrap();
    assert!(rest.contains("< <(readme_commands)"), "nothing is run of what is read");

    // What CI's own lines find, which is all but the last command that it runs by itself.
    let found = Command::new("bash").args(["-c", function]).current_dir(root()).output().unwrap();
    assert!(found.status.success(), "{found:?}");
    let mut run: Vec<String> = String::from_utf8(found.stdout).unwrap().lines().map(str::to_owned).collect();
    let last = "cargo test --workspace";
    assert!(rest.contains(&format!("step {last}\n")), "{rest}");
    run.push(last.to_owned());

    let readme = blocks(&read("README.md"), "sh").concat();
    let mut promised: Vec<&str> = readme.lines().filter(|line| line.starts_with("cargo ")).collect();
    promised.sort_unstable();
    run.sort_unstable();
    assert_eq!(run, promised);
    assert!(promised.len() > 5, "{promised:?}");
}

#[test]
fn the_rust_of_the_readme_is_that_of_the_program_it_shows() {
    let readme = blocks(&read("README.md"), "rust").concat();
    let program = read("app-examples/embedded/src/main.rs");
    for call in [
        "Outflow::new()",
        ".account(\"marketo\", &",
        ".destination(\"marketo-leads-export\", &json!(",
        "Export::new(",
        ".property(\"email\", \"ada@example.com\")",
        ".group(\"VIP\")",
        "let (report, outcomes) = leads.export_all(",
    ] {
        assert!(readme.contains(call), "not in the README: {call}");
        assert!(program.contains(call), "not in the program: {call}");
    }
}

#[test]
fn the_line_of_input_in_the_readme_is_an_export() {
    let readme = blocks(&read("README.md"), "json");
    assert!(!readme.is_empty());
    for line in readme {
        let export: outflow_core::Export = serde_json::from_str(&line).unwrap();
        assert!(!export.new_properties.is_empty());
    }
}

#[test]
fn examples_are_as_short_as_the_readme_says() {
    for (path, fewer_than) in
        [("app-examples/embedded/src/main.rs", 60), ("app-examples/own-destination/src/lib.rs", 150)]
    {
        let lines = lines(&root().join(path));
        assert!(lines < fewer_than, "{path} has {lines} lines");
    }
}

#[test]
fn links_of_the_readmes_lead_somewhere() {
    for readme in all_files("README.md") {
        let text = fs::read_to_string(&readme).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap_or_default();
            if path.is_empty() || link.contains("://") {
                continue;
            }
            let there = readme.with_file_name(path);
            assert!(there.exists(), "{}: {link}", readme.display());
        }
    }
}

#[test]
fn the_house_has_the_rooms_of_the_readme_and_no_others() {
    let ignored = read(".gitignore");
    let ignored: BTreeSet<&str> = ignored.lines().map(|line| line.trim_matches('/')).collect();
    let there: BTreeSet<String> = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| !ignored.contains(name.as_str()))
        .filter(|name| !name.starts_with('.') && !name.starts_with("LICENSE"))
        .filter(|name| name != "Cargo.lock" && name != "rustfmt.toml")
        .collect();
    let rooms = ["Cargo.toml", "README.md", "app-examples", "core", "plugins", "tests"];
    assert_eq!(there, rooms.map(str::to_owned).into());
}

#[test]
fn no_file_is_too_long_to_be_read() {
    for path in all_files(".rs") {
        let lines = lines(&path);
        assert!(lines <= 520, "{} has {lines} lines", path.display());
    }
}

/// The workspace's crates that a crate depends on, for its tests too, but not itself.
fn depends_on(manifest: &str) -> BTreeSet<String> {
    let text = read(manifest);
    let (_, own) = text.split_once("name = \"").unwrap();
    let own = own.split('"').next().unwrap_or_default();
    let mut inside = false;
    let mut found = BTreeSet::new();
    for line in text.lines() {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
        } else if inside {
            let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
            if name.starts_with("outflow") && name != own {
                found.insert(name.to_owned());
            }
        }
    }
    found
}

#[test]
fn crates_depend_downwards_only() {
    let core = "outflow-core".to_owned();
    let kit = "outflow-sandbox".to_owned();
    assert_eq!(depends_on("core/Cargo.toml"), BTreeSet::new());
    assert_eq!(depends_on("core/sandbox/Cargo.toml"), [core.clone()].into());
    for plugin in ["marketo", "pipedrive"] {
        let on = depends_on(&format!("plugins/{plugin}/Cargo.toml"));
        assert_eq!(on, [core.clone(), kit.clone()].into(), "{plugin}");
    }
    // One crate links the plugins; nothing below it knows them, and it knows no host.
    let all = depends_on("plugins/all/Cargo.toml");
    let plugins = ["outflow-marketo", "outflow-pipedrive"].map(str::to_owned);
    assert_eq!(all, [core].into_iter().chain(plugins).collect());
    for host in ["outflow", "embedded", "own-destination"] {
        let on = depends_on(&format!("app-examples/{host}/Cargo.toml"));
        assert!(!on.contains("outflow"), "{host}: {on:?}");
    }
}
