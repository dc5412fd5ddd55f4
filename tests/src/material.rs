//! Where specifications and recordings are.

use std::io::Write;
use std::path::{Path, PathBuf};

/// The folder with specifications and recordings: `OUTFLOW_SHARED`, or else `shared`
/// beside the workspace. `None` when there is no such folder.
#[must_use]
pub fn material() -> Option<PathBuf> {
    let given = std::env::var_os("OUTFLOW_SHARED").map(PathBuf::from);
    let folder = given.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"));
    folder.is_dir().then_some(folder)
}

/// The same folder for one check, which is told of loudly when it must be left out.
#[must_use]
pub fn material_for(check: &str) -> Option<PathBuf> {
    let folder = material();
    if folder.is_none() {
        say(&format!(
            "\n*** LEFT OUT: {check}.\n*** There are no specifications and recordings here; set \
             OUTFLOW_SHARED to their folder.\n"
        ));
    }
    folder
}

/// Says something to whoever runs the tests, also when the harness keeps the output of
/// tests that pass to itself.
pub fn say(text: &str) {
    let mut out = std::io::stderr().lock();
    // There is nobody to tell when this fails.
    let _ = writeln!(out, "{text}");
}
