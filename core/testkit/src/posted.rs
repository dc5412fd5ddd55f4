//! The body of a request as browsers' tools export it.

use bytes::Bytes;
use form_urlencoded::Serializer;

use crate::entry::read_body;
use crate::error::EntryProblem;
use crate::har::{Param, PostData};

pub(crate) struct Posted {
    pub(crate) content_type: String,
    pub(crate) body: Bytes,
    /// The body was built anew: its boundary is not the one in the recorded header.
    pub(crate) rebuilt: bool,
}

/// Reads the text, or builds the body from the list of parameters that some tools write
/// in its place.
pub(crate) fn read(posted: &PostData) -> Result<Posted, EntryProblem> {
    let given = match &posted.text {
        Some(text) => read_body(text, posted.encoding.as_deref())?,
        None => Bytes::new(),
    };
    if !given.is_empty() || posted.params.is_empty() {
        return Ok(Posted { content_type: posted.mime_type.clone(), body: given, rebuilt: false });
    }
    if posted.mime_type.starts_with("multipart/") {
        return multipart(&posted.params);
    }
    Ok(Posted { content_type: posted.mime_type.clone(), body: form(&posted.params), rebuilt: false })
}

fn form(params: &[Param]) -> Bytes {
    let mut form = Serializer::new(String::new());
    for param in params {
        form.append_pair(&param.name, param.value.as_deref().unwrap_or_default());
    }
    form.finish().into()
}

/// A boundary that no text of a person holds.
const BOUNDARY: &str = "outflow-testkit-4d1f7a52c0e94b83";

fn multipart(params: &[Param]) -> Result<Posted, EntryProblem> {
    let mut body = String::new();
    for param in params {
        let Some(value) = &param.value else {
            return Err(EntryProblem(format!(
                "its part {:?} has no value: the tool that wrote the file left it out",
                param.name
            )));
        };
        body.push_str(&format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{}\"",
            quoted(&param.name)
        ));
        if let Some(file_name) = &param.file_name {
            body.push_str(&format!("; filename=\"{}\"", quoted(file_name)));
        }
        if let Some(content_type) = &param.content_type {
            body.push_str(&format!("\r\nContent-Type: {content_type}"));
        }
        body.push_str(&format!("\r\n\r\n{value}\r\n"));
    }
    body.push_str(&format!("--{BOUNDARY}--\r\n"));
    Ok(Posted {
        content_type: format!("multipart/form-data; boundary={BOUNDARY}"),
        body: body.into(),
        rebuilt: true,
    })
}

/// As browsers write names in a part's head.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}
