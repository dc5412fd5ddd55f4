//! Where a cassette lies, and what it is called.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::error::CassetteError;

/// The folder of a crate's cassettes.
pub(crate) fn folder_of(crate_folder: &Path) -> PathBuf {
    crate_folder.join("tests").join("cassettes")
}

/// The crate under test: cargo says where it is, and starts its tests there.
pub(crate) fn crate_folder() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(PathBuf::new, PathBuf::from)
}

pub(crate) fn path_of(folder: &Path, name: &str) -> Result<PathBuf, CassetteError> {
    let plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.');
    let is_step = |step: &str| !step.is_empty() && !step.starts_with('.') && step.chars().all(plain);
    if !name.split('/').all(is_step) {
        return Err(CassetteError::Name(name.to_owned()));
    }
    let name = name.strip_suffix(".har").unwrap_or(name);
    Ok(folder.join(format!("{name}.har")))
}

/// `suite::people::are_created::{{closure}}::here` is the test `people/are_created`.
pub(crate) fn name_of_test(place: &str) -> String {
    let mut steps: Vec<&str> = place.split("::").filter(|step| !step.starts_with('{')).collect();
    // The function that the macro makes, to learn where it is.
    steps.pop();
    // The crate, which the file's own folder tells.
    steps.drain(..usize::from(steps.len() > 1));
    steps.join("/")
}

pub(crate) fn read(path: &Path) -> Result<String, CassetteError> {
    std::fs::read_to_string(path).map_err(|source| match source.kind() {
        ErrorKind::NotFound => CassetteError::Missing(path.to_owned()),
        _ => file_error(path, "read", source),
    })
}

/// Writes the file whole or not at all: what breaks off leaves the old one.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), CassetteError> {
    let partial = path.with_extension("har.partial");
    let written = path
        .parent()
        .map_or(Ok(()), std::fs::create_dir_all)
        .and_then(|()| std::fs::write(&partial, text))
        .and_then(|()| std::fs::rename(&partial, path));
    written.map_err(|source| file_error(path, "written", source))
}

fn file_error(path: &Path, action: &'static str, source: std::io::Error) -> CassetteError {
    CassetteError::File { path: path.to_owned(), action, source }
}
