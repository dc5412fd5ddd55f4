//! Bodies by what they say, not by how they are written.

use bytes::Bytes;
use futures::{FutureExt, StreamExt, stream};
use serde_json::Value as Json;

use crate::ordered_json::Node;

/// What a body is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Body {
    Empty,
    Json(Json),
    /// In the order of names, then values.
    Form(Vec<(String, String)>),
    /// In the order of names; several of one name stay in their order.
    Multipart(Vec<Part>),
    Text(String),
    Binary(Bytes),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) file_name: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) body: Body,
}

impl Body {
    /// Reads a body by its media type, and by its looks where that says nothing.
    pub(crate) fn read(content_type: &str, body: &Bytes) -> Self {
        if body.is_empty() {
            return Self::Empty;
        }
        let media_type = essence(content_type);
        if media_type == "application/x-www-form-urlencoded" {
            return Self::Form(form(body));
        }
        if media_type.starts_with("multipart/")
            && let Some(parts) = multipart(content_type, body)
        {
            return Self::Multipart(parts);
        }
        let Ok(text) = std::str::from_utf8(body) else {
            return Self::Binary(body.clone());
        };
        let node = json(&media_type, body).and_then(|_| Node::read(text).ok());
        node.map_or_else(|| Self::Text(text.to_owned()), |node| Self::Json(node.canonical()))
    }
}

/// `Application/JSON; charset=utf-8` is `application/json`.
pub(crate) fn essence(content_type: &str) -> String {
    let essence = content_type.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// The body as JSON, when it is: said so by its type, or an object or array by its looks.
pub(crate) fn json(media_type: &str, body: &[u8]) -> Option<Json> {
    let said = media_type.ends_with("/json") || media_type.ends_with("+json");
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    let looks = matches!(first, Some(b'{' | b'['));
    (said || looks).then(|| serde_json::from_slice(body).ok()).flatten()
}

fn form(body: &[u8]) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
    pairs.sort();
    pairs
}

/// The parts, or nothing when the body is not what its type says.
pub(crate) fn multipart(content_type: &str, body: &Bytes) -> Option<Vec<Part>> {
    let boundary = multer::parse_boundary(content_type).ok()?;
    let whole = stream::iter([Ok::<_, std::convert::Infallible>(body.clone())]).boxed();
    let form = multer::Multipart::new(whole, boundary);
    // All of the body is there: nothing is waited for.
    let mut parts = parts_of(form).now_or_never()?.ok()?;
    parts.sort_by(|a, b| a.name.cmp(&b.name));
    Some(parts)
}

async fn parts_of(mut form: multer::Multipart<'_>) -> Result<Vec<Part>, multer::Error> {
    let mut parts = Vec::new();
    while let Some(field) = form.next_field().await? {
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().map(str::to_owned);
        let content_type = field.headers().get(http::header::CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok().map(str::to_owned));
        let body = field.bytes().await?;
        parts.push(Part {
            name,
            file_name,
            body: Body::read(content_type.as_deref().unwrap_or_default(), &body),
            content_type,
        });
    }
    Ok(parts)
}
