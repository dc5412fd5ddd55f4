//! What is taken out of an exchange before it reaches the disk.

mod emails;
mod learned;
mod loose;
mod redactor;
mod secrets;
mod token_names;

use std::collections::BTreeMap;

use outflow_core::{OptionDescription, Secret};
use regex::Regex;
use serde_json::Value as Json;
use serde_json_path::JsonPath;

use crate::error::CassetteError;
pub(crate) use redactor::Redactor;

/// What to take out of a cassette, on top of what is always taken out: the headers
/// `Authorization`, `Cookie`, `Set-Cookie` and their like, every header that its sender
/// marked sensitive, and token-like fields (`access_token`, `client_secret`,
/// `password`, …) of queries, forms and JSON. A value found in one of those places is
/// taken out everywhere else, too.
///
/// Each is replaced by a stable placeholder, `redacted-` and its name. Requests are
/// redacted the same way before they are looked up, so that a replay, which has no
/// secrets, still matches.
///
/// ```
/// use outflow_core::Secret;
/// use outflow_testkit::Redaction;
///
/// let redaction = Redaction::new()
///     .secret("api_key", &Secret::new("k-83f1c09d"))
///     .header("x-signature")
///     .query_key("sid")
///     .json_path("$.session.id")
///     .regex("phone", r"\+\d{7,15}")
///     .map_emails();
/// # let _ = redaction;
/// ```
#[derive(Clone, Debug, Default)]
pub struct Redaction {
    secrets: BTreeMap<String, Vec<Secret>>,
    headers: Vec<String>,
    query_keys: Vec<String>,
    json_paths: Vec<String>,
    patterns: Vec<(String, String)>,
    emails: bool,
}

/// A [`Redaction`] whose rules have been read.
#[derive(Debug)]
struct Rules {
    headers: Vec<String>,
    fields: Vec<String>,
    json_paths: Vec<(String, JsonPath)>,
    patterns: Vec<(String, Regex)>,
    emails: bool,
}

impl Redaction {
    /// What is always taken out.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a value out wherever it stands: in URLs, headers and bodies, as it is,
    /// percent-encoded, escaped in JSON or XML, or within base64.
    ///
    /// A value of fewer than six characters is taken out only where it is a whole field
    /// or parameter: elsewhere it would tear other words apart.
    #[must_use]
    pub fn secret(mut self, name: impl Into<String>, value: &Secret) -> Self {
        self.secrets.entry(name.into()).or_default().push(value.clone());
        self
    }

    /// Takes out the values of all secret options, as [`describe_options`] tells them.
    ///
    /// [`describe_options`]: outflow_core::describe_options
    ///
    /// ```
    /// use outflow_testkit::Redaction;
    ///
    /// #[derive(serde::Deserialize, schemars::JsonSchema)]
    /// struct Crm { endpoint: String, api_key: outflow_core::Secret }
    ///
    /// let options = serde_json::json!({ "endpoint": "https://crm.example", "api_key": "k-83f1c09d" });
    /// let redaction = Redaction::new().options(&outflow_core::describe_options::<Crm>(), &options);
    /// # let _ = redaction;
    /// ```
    #[must_use]
    pub fn options(mut self, described: &[OptionDescription], options: &Json) -> Self {
        for option in described.iter().filter(|option| option.secret) {
            // A replay that has no secrets sends the placeholder in their place.
            self = self.secret(&option.name, &Secret::new(placeholder(&option.name)));
            match &options[&option.name] {
                Json::Null => {}
                Json::String(text) => self = self.secret(&option.name, &Secret::new(text.as_str())),
                other => self = self.secret(&option.name, &Secret::new(other.to_string())),
            }
        }
        self
    }

    /// Takes out the value of a header, of requests and responses.
    #[must_use]
    pub fn header(mut self, name: &str) -> Self {
        self.headers.push(name.to_ascii_lowercase());
        self
    }

    /// Takes out the value of a query parameter, or of a field of a form.
    #[must_use]
    pub fn query_key(mut self, name: &str) -> Self {
        self.query_keys.push(token_names::normal(name));
        self
    }

    /// Takes out what a JSON path (RFC 9535) selects in bodies: `$..owner.phone`.
    #[must_use]
    pub fn json_path(mut self, path: &str) -> Self {
        self.json_paths.push(path.to_owned());
        self
    }

    /// Takes out what a regular expression matches, in every URL, header and text. The
    /// placeholder is called `name`.
    #[must_use]
    pub fn regex(mut self, name: &str, pattern: &str) -> Self {
        self.patterns.push((name.to_owned(), pattern.to_owned()));
        self
    }

    /// Maps every e-mail address to one at example.com: the same address, in any case,
    /// to the same one, in this file and in others. Addresses of domains reserved for
    /// examples and tests stay.
    ///
    /// The new address is made of a digest of the old one: who guesses an address can
    /// find out that it is there.
    #[must_use]
    pub fn map_emails(mut self) -> Self {
        self.emails = true;
        self
    }

    fn rules(&self) -> Result<Rules, CassetteError> {
        Ok(Rules {
            headers: self.headers.clone(),
            fields: self.query_keys.clone(),
            json_paths: read_json_paths(&self.json_paths)?,
            patterns: self.read_patterns()?,
            emails: self.emails,
        })
    }

    fn read_patterns(&self) -> Result<Vec<(String, Regex)>, CassetteError> {
        let read = |(name, pattern): &(String, String)| {
            let regex = Regex::new(pattern).map_err(|error| CassetteError::Rule {
                rule: pattern.clone(),
                kind: "regular expression",
                problem: error.to_string(),
            })?;
            Ok((name.clone(), regex))
        };
        self.patterns.iter().map(read).collect()
    }
}

/// Reads JSON paths, each with what it was.
pub(crate) fn read_json_paths(paths: &[String]) -> Result<Vec<(String, JsonPath)>, CassetteError> {
    let read = |path: &String| {
        let parsed = JsonPath::parse(path).map_err(|error| CassetteError::Rule {
            rule: path.clone(),
            kind: "JSON path",
            problem: error.to_string(),
        })?;
        Ok((path.clone(), parsed))
    };
    paths.iter().map(read).collect()
}

const MARK: &str = "redacted-";

/// What stands in a secret's place. It needs no escaping anywhere.
pub(crate) fn placeholder(name: &str) -> String {
    let plain = |letter: char| {
        if letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.') {
            letter.to_ascii_lowercase()
        } else {
            '_'
        }
    };
    format!("{MARK}{}", name.chars().map(plain).collect::<String>())
}

fn is_placeholder(text: &str) -> bool {
    text.starts_with(MARK)
}
