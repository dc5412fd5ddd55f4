//! HAR 1.2 as far as cassettes use it.
//!
//! Types of our own, since those of a library refuse what browsers leave out and drop
//! the `_` fields that the format allows. What is read and not modelled here (pages,
//! cookies, initiators) is not written again: it may hold secrets that no rule looks at.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::error::CassetteError;

/// The version of the format that is read and written.
const VERSION: &str = "1.2";

/// Who a file says made it.
const CREATOR: &str = "outflow-testkit";

#[derive(Debug, Deserialize, Serialize)]
struct File {
    log: Log,
}

#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Log {
    #[serde(default)]
    pub(crate) version: String,
    #[serde(default)]
    pub(crate) creator: Creator,
    /// The account's options, without secrets.
    #[serde(rename = "_options", default, skip_serializing_if = "Option::is_none")]
    pub(crate) options: Option<Map<String, Json>>,
    #[serde(default)]
    pub(crate) entries: Vec<Entry>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Creator {
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) version: String,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    pub(crate) started_date_time: String,
    #[serde(default)]
    pub(crate) time: f64,
    #[serde(rename = "_operation", default, skip_serializing_if = "Option::is_none")]
    pub(crate) operation: Option<String>,
    pub(crate) request: HarRequest,
    pub(crate) response: HarResponse,
    #[serde(default)]
    pub(crate) cache: Nothing,
    #[serde(default)]
    pub(crate) timings: Timings,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HarRequest {
    pub(crate) method: String,
    pub(crate) url: String,
    #[serde(default)]
    pub(crate) http_version: String,
    #[serde(default)]
    pub(crate) cookies: Vec<Nothing>,
    #[serde(default)]
    pub(crate) headers: Vec<Pair>,
    #[serde(default)]
    pub(crate) query_string: Vec<Pair>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) post_data: Option<PostData>,
    #[serde(default = "unknown")]
    pub(crate) headers_size: i64,
    #[serde(default = "unknown")]
    pub(crate) body_size: i64,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HarResponse {
    #[serde(default)]
    pub(crate) status: u16,
    #[serde(default)]
    pub(crate) status_text: String,
    #[serde(default)]
    pub(crate) http_version: String,
    #[serde(default)]
    pub(crate) cookies: Vec<Nothing>,
    #[serde(default)]
    pub(crate) headers: Vec<Pair>,
    #[serde(default)]
    pub(crate) content: Content,
    #[serde(rename = "redirectURL", default)]
    pub(crate) redirect_url: String,
    #[serde(default = "unknown")]
    pub(crate) headers_size: i64,
    #[serde(default = "unknown")]
    pub(crate) body_size: i64,
    /// Why there is no response: browsers write the same field.
    #[serde(rename = "_error", default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    /// False when the request never reached the server, which makes it safe to repeat.
    #[serde(rename = "_sent", default, skip_serializing_if = "Option::is_none")]
    pub(crate) sent: Option<bool>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PostData {
    #[serde(default)]
    pub(crate) mime_type: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) params: Vec<Param>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
    /// `base64` for a body that is no text. The format has it for responses alone.
    #[serde(rename = "_encoding", alias = "encoding", default, skip_serializing_if = "Option::is_none")]
    pub(crate) encoding: Option<String>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Param {
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) file_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) content_type: Option<String>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Content {
    #[serde(default)]
    pub(crate) size: i64,
    #[serde(default)]
    pub(crate) mime_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) encoding: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Pair {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) value: String,
}

#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Timings {
    #[serde(default)]
    pub(crate) send: f64,
    #[serde(default)]
    pub(crate) wait: f64,
    #[serde(default)]
    pub(crate) receive: f64,
}

/// An object that is read without a look and written empty.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Nothing {}

/// The format's way to say that a size is not known.
fn unknown() -> i64 {
    -1
}

impl Log {
    /// A log of our own, with nothing in it.
    pub(crate) fn new() -> Self {
        Self {
            version: VERSION.to_owned(),
            creator: Creator { name: CREATOR.to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
            ..Self::default()
        }
    }

    /// Whether a recorder of ours made it. Then its request headers are those that the
    /// plugin sent, not those of somebody's browser.
    pub(crate) fn is_ours(&self) -> bool {
        self.creator.name == CREATOR
    }

    /// Reads a file. `cassette` names it in errors.
    pub(crate) fn parse(cassette: &str, text: &str) -> Result<Self, CassetteError> {
        let damaged = |problem: String| CassetteError::Damaged { cassette: cassette.to_owned(), problem };
        // Some tools begin the file with a byte order mark, which the format allows.
        let text = text.trim_start_matches('\u{feff}');
        if text.trim().is_empty() {
            return Err(damaged("is an empty file; record it again (OUTFLOW_CASSETTES=record)".to_owned()));
        }
        let file: Json = serde_json::from_str(text)
            .map_err(|error| damaged(format!("is no whole JSON: {error}. Restore it, or record it again")))?;
        check_version(&file).map_err(damaged)?;
        let log = read(cassette, file)?;
        if log.entries.is_empty() {
            return Err(damaged(
                "has no entries, so it proves nothing; record it again (OUTFLOW_CASSETTES=record)".to_owned(),
            ));
        }
        Ok(log)
    }

    /// As the file has it: indented, in the format's own order of fields.
    pub(crate) fn print(self) -> Result<String, serde_json::Error> {
        let mut text = serde_json::to_string_pretty(&File { log: self })?;
        text.push('\n');
        Ok(text)
    }
}

fn check_version(file: &Json) -> Result<(), String> {
    let log = &file["log"];
    if !log.is_object() {
        return Err("is JSON, but no HAR: it has no \"log\"".to_owned());
    }
    match &log["version"] {
        Json::String(version) if version == VERSION => Ok(()),
        Json::String(version) => {
            Err(format!("is HAR {version:?}; only {VERSION} is read. Export it again as {VERSION}"))
        }
        _ => Err(format!("does not say which version of HAR it is; {VERSION} is read")),
    }
}

/// Reads entry by entry, so that an error comes with its number.
fn read(cassette: &str, mut file: Json) -> Result<Log, CassetteError> {
    let damaged = |problem: String| CassetteError::Damaged { cassette: cassette.to_owned(), problem };
    let entries = match file["log"]["entries"].take() {
        Json::Array(entries) => entries,
        _ => return Err(damaged("is no HAR: its log has no list of entries".to_owned())),
    };
    file["log"]["entries"] = Json::Array(Vec::new());
    let mut log: Log = serde_json::from_value(file["log"].take())
        .map_err(|error| damaged(format!("has a log that cannot be read: {error}")))?;
    for (index, entry) in entries.into_iter().enumerate() {
        let entry = serde_json::from_value(entry).map_err(|error| CassetteError::Entry {
            cassette: cassette.to_owned(),
            number: index + 1,
            problem: format!("it is no entry of a HAR: {error}"),
        })?;
        log.entries.push(entry);
    }
    Ok(log)
}
