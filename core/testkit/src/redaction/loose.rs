//! Token-like names in text that has no structure of its own: HTML, XML, a body cut
//! short, JSON within a string, a URL within a header.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{placeholder, token_names};

/// What stands before the value is the first group, with the name as the second; the
/// value itself is the third.
static SHAPES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let names = token_names::pattern();
    let shapes = [
        // "access_token": "…", its quotes escaped or not
        format!(r#"(?i)(\\*"({names})\\*"\s*:\s*\\*")([^"\\]+)"#),
        // access_token=…
        format!(r#"(?i)(\b({names})=)([^&\s"'<>;,\\]+)"#),
        // <accessToken>…</accessToken>
        format!(r"(?i)(<(?:\w+:)?({names})>)([^<]+)"),
    ];
    shapes.iter().filter_map(|shape| Regex::new(shape).ok()).collect()
});

pub(super) fn removed(text: &str) -> String {
    SHAPES.iter().fold(text.to_owned(), |text, shape| {
        shape
            .replace_all(&text, |found: &Captures<'_>| format!("{}{}", &found[1], placeholder(&found[2])))
            .into_owned()
    })
}
