//! Bodies as they were before they were packed for the wire.

use std::io::Read;

use bytes::Bytes;
use flate2::read::{DeflateDecoder, GzDecoder, ZlibDecoder};

use crate::error::EntryProblem;

/// What a packed body may unpack to: as much as the wire takes of an answer.
const MAX_BODY: u64 = 64 * 1024 * 1024;

/// Unpacks a body whose `Content-Encoding` says that it is packed. Redaction must see
/// what is in it, so what cannot be unpacked cannot be kept.
pub(crate) fn decoded(encoding: &str, body: &Bytes) -> Result<Bytes, EntryProblem> {
    let mut body = body.clone();
    // The last one named was put on last.
    for encoding in encoding.rsplit(',').map(str::trim) {
        body = match encoding.to_ascii_lowercase().as_str() {
            "" | "identity" => body,
            "gzip" | "x-gzip" => gunzipped(&body)?,
            "deflate" => inflated(&body)?,
            other => unknown(other, body)?,
        };
    }
    Ok(body)
}

/// Clients and browsers unpack a body and leave the header: what is no gzip is taken as
/// it stands.
fn gunzipped(body: &Bytes) -> Result<Bytes, EntryProblem> {
    if body.starts_with(&[0x1f, 0x8b]) {
        whole(GzDecoder::new(body.as_ref()), "gzip")
    } else {
        Ok(body.clone())
    }
}

/// Servers send either of two formats under this name.
fn inflated(body: &Bytes) -> Result<Bytes, EntryProblem> {
    if body.is_empty() {
        return Ok(body.clone());
    }
    whole(ZlibDecoder::new(body.as_ref()), "deflate")
        .or_else(|_| whole(DeflateDecoder::new(body.as_ref()), "deflate"))
        .or_else(|problem| is_text(body).then(|| body.clone()).ok_or(problem))
}

fn unknown(encoding: &str, body: Bytes) -> Result<Bytes, EntryProblem> {
    if is_text(&body) {
        return Ok(body);
    }
    Err(EntryProblem(format!(
        "its body is packed as {encoding:?}, which cannot be looked into for secrets; ask the tool for gzip \
         or no Content-Encoding"
    )))
}

fn is_text(body: &[u8]) -> bool {
    std::str::from_utf8(body).is_ok()
}

fn whole(reader: impl Read, name: &str) -> Result<Bytes, EntryProblem> {
    let mut unpacked = Vec::new();
    reader
        .take(MAX_BODY + 1)
        .read_to_end(&mut unpacked)
        .map_err(|error| EntryProblem(format!("its body is no whole {name}: {error}")))?;
    if unpacked.len() as u64 > MAX_BODY {
        return Err(EntryProblem(format!("its body unpacks to more than {MAX_BODY} bytes")));
    }
    Ok(unpacked.into())
}
