//! Where the material lies that tests are judged against and that is not in this
//! repository: `OUTFLOW_SHARED`, or `shared` beside the workspace.

use std::io::Write;
use std::path::{Path, PathBuf};

/// A folder of the shared material. `None`, said loudly, when it is not there.
pub(crate) fn folder(name: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("OUTFLOW_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let folder = shared.join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    say(&format!(
        "\n*** SKIPPED: {name} is not at {}; set OUTFLOW_SHARED to where it is ***\n",
        shared.display()
    ));
    None
}

/// Writes past the test harness, which swallows what a passing test prints.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
