//! Requests for people to read, and how two of them differ.

use std::fmt::Write;

use sha2::{Digest, Sha256};
use similar::TextDiff;

use crate::body::{Body, Part};
use crate::matching::Comparable;

/// Lines of a body longer than this are shown by their beginning.
const LONGEST_LINE: usize = 240;

/// Lines around a difference that are shown with it.
const CONTEXT: usize = 3;

impl Comparable {
    /// Its first line: method and path.
    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// One thing a line, in an order that does not depend on how it was written.
    pub(crate) fn lines(&self) -> String {
        let mut text = format!("{} {}{}\n", self.method, self.origin, self.path);
        for (name, value) in &self.query {
            let _ = writeln!(text, "? {name} = {value}");
        }
        for (name, value) in &self.headers {
            let _ = writeln!(text, "{name}: {value}");
        }
        write_body(&mut text, &self.body);
        text
    }

    /// The parts that differ, without a value of them.
    pub(crate) fn parts_unlike(&self, other: &Self) -> Vec<&'static str> {
        let parts = [
            ("method", self.method == other.method),
            ("host", self.origin == other.origin),
            ("path", self.path == other.path),
            ("query", self.query == other.query),
            ("headers", self.headers == other.headers),
            ("body", self.body == other.body),
        ];
        let unlike = parts.iter().filter(|(_, same)| !same);
        unlike.map(|(name, _)| *name).collect()
    }

    /// Whether it goes to the same place as another: the path tells more than the method.
    pub(crate) fn goes_where(&self, other: &Self) -> u8 {
        u8::from(self.path == other.path) * 2 + u8::from(self.method == other.method)
    }

    /// How much of it says the same as another, from 0 to 1.
    pub(crate) fn likeness(&self, other: &Self) -> f32 {
        let (mine, others) = (self.lines(), other.lines());
        TextDiff::from_lines(mine.as_str(), others.as_str()).ratio()
    }
}

/// What changed from the recorded request to the one made, as a unified diff.
pub(crate) fn diff(recorded: &Comparable, asked: &Comparable) -> String {
    let (recorded, asked) = (recorded.lines(), asked.lines());
    let diff = TextDiff::from_lines(recorded.as_str(), asked.as_str());
    diff.unified_diff()
        .context_radius(CONTEXT)
        .header("recorded", "requested")
        .missing_newline_hint(false)
        .to_string()
}

fn write_body(text: &mut String, body: &Body) {
    match body {
        Body::Empty => {}
        Body::Json(json) => {
            let pretty = serde_json::to_string_pretty(json).unwrap_or_else(|_| json.to_string());
            write_lines(text, &pretty);
        }
        Body::Form(pairs) => {
            for (name, value) in pairs {
                write_lines(text, &format!("{name} = {value}"));
            }
        }
        Body::Multipart(parts) => parts.iter().for_each(|part| write_part(text, part)),
        Body::Text(body) => write_lines(text, body),
        Body::Binary(bytes) => {
            let digest: String =
                Sha256::digest(bytes)[..6].iter().map(|byte| format!("{byte:02x}")).collect();
            let _ = writeln!(text, "({} bytes that are no text, SHA-256 {digest}…)", bytes.len());
        }
    }
}

fn write_part(text: &mut String, part: &Part) {
    let _ = write!(text, "-- part {:?}", part.name);
    if let Some(file_name) = &part.file_name {
        let _ = write!(text, ", file {file_name:?}");
    }
    if let Some(content_type) = &part.content_type {
        let _ = write!(text, ", {content_type}");
    }
    text.push('\n');
    write_body(text, &part.body);
}

fn write_lines(text: &mut String, lines: &str) {
    for line in lines.lines() {
        match line.char_indices().nth(LONGEST_LINE) {
            // The digest tells two lines apart that begin alike.
            Some((end, _)) => {
                let digest = Sha256::digest(line.as_bytes());
                let (shown, bytes) = (&line[..end], line.len());
                let _ = writeln!(
                    text,
                    "{shown}… ({bytes} bytes, SHA-256 {:02x}{:02x}{:02x}…)",
                    digest[0], digest[1], digest[2]
                );
            }
            None => {
                let _ = writeln!(text, "{line}");
            }
        }
    }
}
