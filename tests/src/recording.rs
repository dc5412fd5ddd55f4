//! Recordings of real services: HAR 1.2.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

/// A request as it was sent, and the answer that came.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Its place in the recording, from 0.
    pub index: usize,
    /// `GET`
    pub method: String,
    /// The path of the URL.
    pub path: String,
    /// Query parameters, decoded.
    pub query: Vec<(String, String)>,
    /// The request's body, as it was sent.
    pub body: Option<String>,
    /// The media type of the request's body.
    pub content_type: Option<String>,
    /// The answer's status.
    pub status: u16,
    /// The answer's headers.
    pub headers: Vec<(String, String)>,
    /// The answer's body, if it is JSON.
    pub answer: Option<Value>,
}

/// Reads a recording.
///
/// # Errors
/// When the file cannot be read, or is no HAR.
pub fn read(file: &Path) -> Result<Vec<Recorded>, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let har: Har = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
    let entries = har.log.entries.into_iter().enumerate();
    Ok(entries.map(|(index, entry)| entry.recorded(index)).collect())
}

#[derive(Deserialize)]
struct Har {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    request: Request,
    response: Response,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    method: String,
    url: String,
    #[serde(default)]
    query_string: Vec<Pair>,
    post_data: Option<PostData>,
}

#[derive(Deserialize)]
struct Pair {
    name: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PostData {
    mime_type: Option<String>,
    text: Option<String>,
    #[serde(default)]
    params: Vec<Pair>,
}

#[derive(Deserialize)]
struct Response {
    status: u16,
    #[serde(default)]
    headers: Vec<Pair>,
    content: Content,
}

#[derive(Deserialize)]
struct Content {
    text: Option<String>,
}

impl Entry {
    fn recorded(self, index: usize) -> Recorded {
        let post = self.request.post_data;
        Recorded {
            index,
            method: self.request.method,
            path: path_of(&self.request.url),
            query: pairs(self.request.query_string),
            content_type: post.as_ref().and_then(|post| post.mime_type.clone()),
            body: post.and_then(PostData::body),
            status: self.response.status,
            headers: pairs(self.response.headers),
            answer: self.response.content.text.and_then(|text| serde_json::from_str(&text).ok()),
        }
    }
}

impl PostData {
    /// Its text, or else its parameters as a form.
    fn body(self) -> Option<String> {
        if self.text.is_some() || self.params.is_empty() {
            return self.text;
        }
        let fields: Vec<String> =
            self.params.iter().map(|pair| format!("{}={}", pair.name, pair.value)).collect();
        Some(fields.join("&"))
    }
}

fn pairs(pairs: Vec<Pair>) -> Vec<(String, String)> {
    pairs.into_iter().map(|pair| (pair.name, pair.value)).collect()
}

fn path_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.find('/').map_or("/", |slash| &rest[slash..]);
    path.split(['?', '#']).next().unwrap_or_default().to_owned()
}
