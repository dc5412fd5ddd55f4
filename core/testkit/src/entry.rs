//! Exchanges as entries of a HAR, and back.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header;
use jiff::Timestamp;
use url::Url;

use crate::encoding::decoded;
use crate::error::{CassetteError, EntryProblem};
use crate::exchange::{Answer, Asked, Exchange, Header, content_type, is_of_the_wire, value_of};
use crate::har::{Content, Entry, HarRequest, HarResponse, Log, Nothing, Pair, PostData, Timings};
use crate::posted;

/// All exchanges of a file.
pub(crate) fn exchanges(cassette: &str, log: &Log) -> Result<Vec<Exchange>, CassetteError> {
    let read =
        |(index, entry)| exchange(entry).map_err(|problem: EntryProblem| problem.of(cassette, index + 1));
    log.entries.iter().enumerate().map(read).collect()
}

fn exchange(entry: &Entry) -> Result<Exchange, EntryProblem> {
    let started: Timestamp = entry.started_date_time.parse().map_err(|error| {
        let given = &entry.started_date_time;
        EntryProblem(format!("its startedDateTime {given:?} is no ISO 8601 time: {error}"))
    })?;
    Ok(Exchange {
        started,
        time: entry.time,
        operation: entry.operation.clone(),
        asked: asked(&entry.request)?,
        answer: answer(&entry.response)?,
    })
}

fn asked(request: &HarRequest) -> Result<Asked, EntryProblem> {
    let mut url =
        Url::parse(&request.url).map_err(|error| EntryProblem(format!("its URL cannot be read: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(EntryProblem(format!(
            "it is no HTTP but {:?}; take the entry out of the file",
            url.scheme()
        )));
    }
    // Some tools write the query in the list alone.
    if url.query().is_none() && !request.query_string.is_empty() {
        let pairs = request.query_string.iter().map(|pair| (&pair.name, &pair.value));
        url.query_pairs_mut().extend_pairs(pairs);
    }
    let mut headers = read_headers(&request.headers)?;
    let mut body = Bytes::new();
    if let Some(posted) = &request.post_data {
        let read = posted::read(posted)?;
        if read.rebuilt {
            headers.retain(|header| !header.is(&header::CONTENT_TYPE));
        }
        if value_of(&headers, &header::CONTENT_TYPE).is_none() && !read.content_type.is_empty() {
            headers.push(plain_header(header::CONTENT_TYPE.as_str(), &read.content_type));
        }
        body = unpacked(&headers, read.body)?;
    }
    headers.retain(|header| !is_of_the_wire(header));
    Ok(Asked {
        method: request.method.to_ascii_uppercase(),
        url,
        version: request.http_version.clone(),
        headers,
        body,
    })
}

fn answer(response: &HarResponse) -> Result<Answer, EntryProblem> {
    if response.status == 0 {
        let text = response.error.clone();
        let text = text.unwrap_or_else(|| "the recording holds no answer".to_owned());
        return Ok(match response.sent {
            Some(false) => Answer::NotSent(text),
            _ => Answer::Unanswered(text),
        });
    }
    if !(100..=999).contains(&response.status) {
        return Err(EntryProblem(format!("{} is no HTTP status", response.status)));
    }
    let mut headers = read_headers(&response.headers)?;
    let body = unpacked(&headers, read_content(&response.content)?)?;
    let mime_type = &response.content.mime_type;
    if value_of(&headers, &header::CONTENT_TYPE).is_none() && !mime_type.is_empty() && !body.is_empty() {
        headers.push(plain_header(header::CONTENT_TYPE.as_str(), mime_type));
    }
    headers.retain(|header| !is_of_the_wire(header));
    Ok(Answer::Response { status: response.status, version: response.http_version.clone(), headers, body })
}

/// A tool may keep a body as it was on the wire.
fn unpacked(headers: &[Header], body: Bytes) -> Result<Bytes, EntryProblem> {
    decoded(value_of(headers, &header::CONTENT_ENCODING).unwrap_or_default(), &body)
}

fn read_content(content: &Content) -> Result<Bytes, EntryProblem> {
    match &content.text {
        Some(text) => read_body(text, content.encoding.as_deref()),
        None if content.size > 0 => Err(EntryProblem(format!(
            "its response had {} bytes, which the tool that wrote the file did not keep; export it again with \
             contents",
            content.size
        ))),
        None => Ok(Bytes::new()),
    }
}

/// A body's text, which may be base64 of it.
pub(crate) fn read_body(text: &str, encoding: Option<&str>) -> Result<Bytes, EntryProblem> {
    match encoding.unwrap_or_default().to_ascii_lowercase().as_str() {
        "" | "utf-8" | "utf8" => Ok(Bytes::copy_from_slice(text.as_bytes())),
        "base64" => {
            let packed: String = text.split_whitespace().collect();
            BASE64_STANDARD
                .decode(packed)
                .map(Bytes::from)
                .map_err(|error| EntryProblem(format!("its body says it is base64 and is not: {error}")))
        }
        other => {
            Err(EntryProblem(format!("its body is in the encoding {other:?}; text and base64 are read")))
        }
    }
}

fn read_headers(pairs: &[Pair]) -> Result<Vec<Header>, EntryProblem> {
    let mut headers = Vec::with_capacity(pairs.len());
    // `:authority` and its like are HTTP/2's request line, which browsers list too.
    for pair in pairs.iter().filter(|pair| !pair.name.starts_with(':')) {
        // Browsers join repeated headers by line breaks.
        for value in pair.value.split('\n') {
            let header = plain_header(&pair.name.to_ascii_lowercase(), value);
            header.parsed()?;
            headers.push(header);
        }
    }
    Ok(headers)
}

fn plain_header(name: &str, value: &str) -> Header {
    Header { name: name.to_owned(), value: value.to_owned(), sensitive: false }
}

/// An exchange that has been redacted, as the file has it.
pub(crate) fn entry(exchange: &Exchange) -> Entry {
    let asked = &exchange.asked;
    let pairs = asked.url.query_pairs();
    let posted = (!asked.body.is_empty()).then(|| {
        let (text, encoding) = written_body(&asked.body);
        PostData {
            mime_type: asked.content_type().to_owned(),
            params: Vec::new(),
            text: Some(text),
            encoding,
        }
    });
    Entry {
        // In milliseconds, as all viewers read it.
        started_date_time: format!("{:.3}", exchange.started),
        time: exchange.time,
        operation: exchange.operation.clone(),
        request: HarRequest {
            method: asked.method.clone(),
            url: asked.url.to_string(),
            http_version: asked.version.clone(),
            cookies: Vec::new(),
            headers: written_headers(&asked.headers),
            query_string: pairs
                .map(|(name, value)| Pair { name: name.into_owned(), value: value.into_owned() })
                .collect(),
            post_data: posted,
            headers_size: -1,
            body_size: size(&asked.body),
        },
        response: response(&exchange.answer),
        cache: Nothing {},
        timings: Timings { send: 0.0, wait: exchange.time, receive: 0.0 },
    }
}

fn response(answer: &Answer) -> HarResponse {
    let (status, version, headers, body) = match answer {
        Answer::Response { status, version, headers, body } => (*status, version, headers, body),
        Answer::NotSent(text) => return no_response(text, Some(false)),
        Answer::Unanswered(text) => return no_response(text, None),
    };
    let (text, encoding) = written_body(body);
    let reason = http::StatusCode::from_u16(status).ok();
    HarResponse {
        status,
        status_text: reason.and_then(|status| status.canonical_reason()).unwrap_or_default().to_owned(),
        http_version: version.clone(),
        cookies: Vec::new(),
        headers: written_headers(headers),
        content: Content {
            size: size(body),
            mime_type: content_type(headers).to_owned(),
            text: (!body.is_empty()).then_some(text),
            encoding,
        },
        redirect_url: value_of(headers, &header::LOCATION).unwrap_or_default().to_owned(),
        headers_size: -1,
        body_size: -1,
        error: None,
        sent: None,
    }
}

fn no_response(text: &str, sent: Option<bool>) -> HarResponse {
    HarResponse {
        headers_size: -1,
        body_size: -1,
        error: Some(text.to_owned()),
        sent,
        ..HarResponse::default()
    }
}

fn written_headers(headers: &[Header]) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = headers
        .iter()
        .map(|header| Pair { name: header.name.clone(), value: header.value.clone() })
        .collect();
    // The sort is stable: several values of one header keep their order.
    pairs.sort_by(|a, b| a.name.cmp(&b.name));
    pairs
}

fn written_body(body: &Bytes) -> (String, Option<String>) {
    std::str::from_utf8(body).map_or_else(
        |_| (BASE64_STANDARD.encode(body), Some("base64".to_owned())),
        |text| (text.to_owned(), None),
    )
}

fn size(body: &Bytes) -> i64 {
    i64::try_from(body.len()).unwrap_or(i64::MAX)
}
