//! `KEY=VALUE` on the command line, where a VALUE may be kept elsewhere.

use std::path::Path;
use std::{env, fs};

use serde_json::{Map, Value as Json};

use crate::exit::Failure;

/// Reads the `KEY=VALUE` pairs of one flag into an object of options.
///
/// `env:NAME` is the value of an environment variable and `file:PATH` the text of a file,
/// so that secrets need not stand on a command line, where every user of the machine
/// can read them. Errors name the option and never show a value.
pub(crate) fn read(flag: &str, pairs: &[String]) -> Result<Json, Failure> {
    let mut options = Map::new();
    for (index, pair) in pairs.iter().enumerate() {
        let Some((key, value)) = pair.split_once('=').filter(|(key, _)| !key.is_empty()) else {
            return Err(Failure::Usage(format!(
                "--{flag} takes KEY=VALUE, and number {} of them is not of that form; \
                 write --{flag} endpoint=https://…",
                index + 1
            )));
        };
        if options.contains_key(key) {
            return Err(Failure::Usage(format!("--{flag} {key} is given twice; give it once")));
        }
        options.insert(key.to_owned(), Json::String(resolve(flag, key, value)?));
    }
    Ok(Json::Object(options))
}

fn resolve(flag: &str, key: &str, value: &str) -> Result<String, Failure> {
    if let Some(name) = value.strip_prefix("env:") {
        from_environment(name)
            .map_err(|why| Failure::Usage(format!("--{flag} {key}: the environment variable {name:?} {why}")))
    } else if let Some(path) = value.strip_prefix("file:") {
        from_file(Path::new(path))
            .map_err(|why| Failure::Usage(format!("--{flag} {key}: the file {path:?} {why}")))
    } else {
        Ok(value.to_owned())
    }
}

fn from_environment(name: &str) -> Result<String, String> {
    // `env::var` panics on names that no variable can have.
    if name.is_empty() || name.contains(['=', '\0']) {
        return Err("cannot be: write env:NAME".to_owned());
    }
    env::var(name).map_err(|error| match error {
        env::VarError::NotPresent => "is not set; export it first".to_owned(),
        env::VarError::NotUnicode(_) => "does not hold UTF-8 text".to_owned(),
    })
}

/// Editors end a file with a line break that is no part of a secret.
fn from_file(path: &Path) -> Result<String, String> {
    let bytes = fs::read(path).map_err(|error| format!("cannot be read: {error}"))?;
    let mut text = String::from_utf8(bytes).map_err(|_| "does not hold UTF-8 text".to_owned())?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use serde_json::json;

    use super::*;

    fn read_all(pairs: &[&str]) -> Result<Json, String> {
        let pairs: Vec<String> = pairs.iter().map(|pair| (*pair).to_owned()).collect();
        read("app", &pairs).map_err(|failure| failure.to_string())
    }

    #[test]
    fn a_value_may_hold_equals_signs_and_nothing() {
        assert_eq!(read_all(&["token=a=b=", "empty="]), Ok(json!({ "token": "a=b=", "empty": "" })));
    }

    #[test]
    fn a_file_loses_one_line_break_at_its_end() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"secret\n\r\n").unwrap();
        let pair = format!("token=file:{}", file.path().display());
        assert_eq!(read_all(&[&pair]), Ok(json!({ "token": "secret\n" })));
    }

    #[test]
    fn what_is_wrong_names_the_option_and_shows_no_value() {
        let no_pair = read_all(&["a=b", "hunter2"]).unwrap_err();
        assert!(no_pair.contains("number 2 of them"), "{no_pair}");
        assert!(!no_pair.contains("hunter2"), "{no_pair}");

        let no_variable = read_all(&["token=env:OUTFLOW_NOT_SET"]).unwrap_err();
        assert_eq!(
            no_variable,
            "--app token: the environment variable \"OUTFLOW_NOT_SET\" is not set; export it first"
        );
        let no_name = read_all(&["token=env:"]).unwrap_err();
        assert!(no_name.contains("--app token"), "{no_name}");

        let no_file = read_all(&["token=file:/does/not/exist"]).unwrap_err();
        assert!(no_file.starts_with("--app token: the file \"/does/not/exist\""), "{no_file}");

        let twice = read_all(&["token=hunter2", "token=hunter3"]).unwrap_err();
        assert_eq!(twice, "--app token is given twice; give it once");
    }
}
