//! Redaction at work.

use std::collections::BTreeSet;

use bytes::Bytes;
use form_urlencoded::Serializer;
use percent_encoding::percent_decode_str;
use regex::NoExpand;
use serde_json::Value as Json;
use serde_json_path::{NormalizedPath, PathElement};
use url::Url;

use super::secrets::Secrets;
use super::{Redaction, Rules, emails, is_placeholder, learned, loose, placeholder, token_names};
use crate::body::{self, Body};
use crate::error::CassetteError;
use crate::exchange::{Answer, Asked, Exchange, Header, content_type};
use crate::ordered_json::Node;

/// Takes secrets out of exchanges, the same way whenever it is asked.
#[derive(Debug)]
pub(crate) struct Redactor {
    rules: Rules,
    secrets: Secrets,
}

impl Redactor {
    /// With the rules, and the tokens that these exchanges show.
    pub(crate) fn new(redaction: &Redaction, exchanges: &[Exchange]) -> Result<Self, CassetteError> {
        let given = redaction.secrets.iter().flat_map(|(name, values)| {
            let of_name = |value: &outflow_core::Secret| (name.clone(), value.expose().to_owned());
            values.iter().map(of_name)
        });
        // Those given come first: their names win.
        let named: Vec<(String, String)> = given.chain(learned::tokens(exchanges)).collect();
        let placeholders: BTreeSet<String> = named.iter().map(|(name, _)| placeholder(name)).collect();
        let secrets = Secrets::new(&named, &placeholders).map_err(|problem| CassetteError::Rule {
            rule: "the secrets given".to_owned(),
            kind: "set of values to search for",
            problem,
        })?;
        Ok(Self { rules: redaction.rules()?, secrets })
    }

    pub(crate) fn exchange(&self, exchange: &Exchange) -> Exchange {
        Exchange {
            started: exchange.started,
            time: exchange.time,
            operation: exchange.operation.clone(),
            asked: self.asked(&exchange.asked),
            answer: self.answer(&exchange.answer),
        }
    }

    pub(crate) fn asked(&self, asked: &Asked) -> Asked {
        Asked {
            method: asked.method.clone(),
            url: self.url(&asked.url),
            version: asked.version.clone(),
            headers: self.headers(&asked.headers),
            body: self.body(asked.content_type(), &asked.body),
        }
    }

    fn answer(&self, answer: &Answer) -> Answer {
        match answer {
            Answer::Response { status, version, headers, body } => Answer::Response {
                status: *status,
                version: version.clone(),
                headers: self.headers(headers),
                body: self.body(content_type(headers), body),
            },
            Answer::NotSent(text) => Answer::NotSent(self.text(text)),
            Answer::Unanswered(text) => Answer::Unanswered(self.text(text)),
        }
    }

    /// Options as the file shows them: without those that are secret.
    pub(crate) fn option(&self, value: &Json) -> Json {
        match value {
            Json::String(text) => Json::String(self.text(text)),
            Json::Array(items) => items.iter().map(|item| self.option(item)).collect(),
            Json::Object(fields) => {
                fields.iter().map(|(name, value)| (name.clone(), self.field(name, value))).collect()
            }
            other => other.clone(),
        }
    }

    fn field(&self, name: &str, value: &Json) -> Json {
        match value.as_str().and_then(|text| self.named(name, text)) {
            Some(hidden) => Json::String(hidden),
            None => self.option(value),
        }
    }

    fn url(&self, url: &Url) -> Url {
        let mut kept = url.clone();
        kept.set_fragment(None);
        if !url.username().is_empty() || url.password().is_some() {
            // Only a URL that cannot have a user refuses to lose one.
            let _ = kept.set_username(&placeholder("userinfo"));
            let _ = kept.set_password(None);
        }
        if let Some(host) = url.host_str() {
            let hidden = self.text(host);
            if hidden != host {
                let _ = kept.set_host(Some(&hidden));
            }
        }
        kept.set_path(&self.path(url.path()));
        if let Some(query) = url.query() {
            let hidden = self.pairs(query.as_bytes());
            kept.set_query(Some(hidden.as_deref().unwrap_or(query)));
        }
        kept
    }

    fn path(&self, path: &str) -> String {
        let segments = path.split('/').map(|segment| {
            let plain = percent_decode_str(segment).decode_utf8_lossy();
            let hidden = self.text(&plain);
            if hidden == plain {
                segment.to_owned()
            } else {
                percent_encoding::utf8_percent_encode(&hidden, percent_encoding::NON_ALPHANUMERIC)
                    .to_string()
                    .replace("%2D", "-")
                    .replace("%5F", "_")
                    .replace("%2E", ".")
            }
        });
        // Then the whole, for a secret with slashes in it. Segments come first: a slash is
        // also a letter of base64, which would take what stands before it along.
        self.text(&segments.collect::<Vec<_>>().join("/"))
    }

    /// A query or a form; nothing when there is nothing to hide in it.
    fn pairs(&self, text: &[u8]) -> Option<String> {
        let mut form = Serializer::new(String::new());
        let mut changed = false;
        for (name, value) in form_urlencoded::parse(text) {
            let hidden = (self.text(&name), self.value(&name, &value));
            changed |= hidden.0 != name || hidden.1 != value;
            form.append_pair(&hidden.0, &hidden.1);
        }
        changed.then(|| form.finish())
    }

    fn value(&self, name: &str, value: &str) -> String {
        self.named(name, value).unwrap_or_else(|| self.text(value))
    }

    /// What stands for the value of a field whose name tells that it is a secret.
    fn named(&self, name: &str, value: &str) -> Option<String> {
        let secret = token_names::is_field(name) || self.rules.fields.contains(&token_names::normal(name));
        (secret && !value.is_empty()).then(|| placeholder(name))
    }

    fn headers(&self, headers: &[Header]) -> Vec<Header> {
        headers.iter().map(|header| self.header(header)).collect()
    }

    fn header(&self, header: &Header) -> Header {
        let name = header.name.to_ascii_lowercase();
        let secret = header.sensitive || token_names::is_header(&name) || self.rules.headers.contains(&name);
        let value = if secret { placeholder(&name) } else { self.text(&header.value) };
        Header { name: header.name.clone(), value, sensitive: header.sensitive }
    }

    /// Any text, by the values and shapes of secrets in it.
    fn text(&self, text: &str) -> String {
        if let Some(hidden) = self.secrets.whole(text) {
            return hidden.to_owned();
        }
        let text = self.secrets.removed(&loose::removed(text));
        let text = self.rules.patterns.iter().fold(text, |text, (name, pattern)| {
            let hidden = placeholder(name);
            pattern.replace_all(&text, NoExpand(&hidden)).into_owned()
        });
        if self.rules.emails { emails::mapped(&text) } else { text }
    }

    fn body(&self, content_type: &str, body: &Bytes) -> Bytes {
        if body.is_empty() {
            return body.clone();
        }
        let Ok(text) = std::str::from_utf8(body) else {
            return self.secrets.removed_from_bytes(body).into();
        };
        let media_type = body::essence(content_type);
        if media_type == "application/x-www-form-urlencoded" {
            return self.pairs(body).map_or_else(|| body.clone(), Bytes::from);
        }
        if media_type.starts_with("multipart/") {
            return self.multipart(content_type, body, text).into();
        }
        match body::json(&media_type, body) {
            Some(json) => self.json(&json, text).map_or_else(|| body.clone(), Bytes::from),
            None => self.text(text).into(),
        }
    }

    fn multipart(&self, content_type: &str, body: &Bytes, text: &str) -> String {
        let parts = body::multipart(content_type, body).unwrap_or_default();
        let hidden = parts.iter().fold(text.to_owned(), |text, part| match &part.body {
            Body::Text(value) => match self.named(&part.name, value) {
                Some(hidden) => {
                    text.replace(&format!("\r\n\r\n{value}\r\n"), &format!("\r\n\r\n{hidden}\r\n"))
                }
                None => text,
            },
            _ => text,
        });
        self.text(&hidden)
    }

    /// JSON by its structure; nothing when there is nothing to hide in it, so that it
    /// stays as the tool wrote it.
    fn json(&self, json: &Json, text: &str) -> Option<String> {
        let mut node = Node::read(text).ok()?;
        let mut changed = false;
        for (_, path) in &self.rules.json_paths {
            for place in path.query_located(json).locations() {
                changed |= hide_at(&mut node, place);
            }
        }
        changed |= self.node(&mut node);
        changed.then(|| serde_json::to_string(&node).ok()).flatten()
    }

    fn node(&self, node: &mut Node) -> bool {
        match node {
            Node::Text(text) => replace(text, self.text(text)),
            Node::Array(items) => items.iter_mut().fold(false, |changed, item| self.node(item) | changed),
            Node::Object(fields) => fields.iter_mut().fold(false, |changed, (name, value)| {
                let hidden = self.named_node(name, value) || self.node(value);
                replace(name, self.text(name)) | hidden | changed
            }),
            Node::Other(raw) => match self.secrets.whole(raw.get()) {
                Some(hidden) => {
                    *node = Node::Text(hidden.to_owned());
                    true
                }
                None => false,
            },
        }
    }

    /// Hides the value of a field whose name tells that it is a secret. True when the
    /// value was one, and nothing else is to be done with it.
    fn named_node(&self, name: &str, node: &mut Node) -> bool {
        let text = match node {
            Node::Text(text) if !is_placeholder(text) => text.as_str(),
            Node::Other(raw)
                if raw.get().starts_with(|first: char| first == '-' || first.is_ascii_digit()) =>
            {
                raw.get()
            }
            _ => return false,
        };
        let Some(hidden) = self.named(name, text) else {
            return false;
        };
        *node = Node::Text(hidden);
        true
    }

    /// The name and place of a secret that is left in a redacted exchange.
    pub(crate) fn left_in(&self, exchange: &Exchange) -> Option<(String, String)> {
        let asked = &exchange.asked;
        let url = asked.url.as_str();
        let decoded: Vec<u8> = percent_decode_str(url).collect();
        let urls = [url.as_bytes(), &decoded].map(|bytes| ("in its URL".to_owned(), bytes));
        let (headers, body): (&[Header], &[u8]) = match &exchange.answer {
            Answer::Response { headers, body, .. } => (headers, body),
            Answer::NotSent(text) | Answer::Unanswered(text) => (&[], text.as_bytes()),
        };
        let of_headers = asked
            .headers
            .iter()
            .chain(headers)
            .map(|header| (format!("in its header {:?}", header.name), header.value.as_bytes()));
        let bodies = [
            ("in the body of the request".to_owned(), asked.body.as_ref()),
            ("in the body of the response".to_owned(), body),
        ];
        let mut places = urls.into_iter().chain(of_headers).chain(bodies);
        places.find_map(|(place, bytes)| Some((self.secrets.found_in(bytes)?.to_owned(), place)))
    }
}

fn replace(text: &mut String, hidden: String) -> bool {
    let changed = *text != hidden;
    *text = hidden;
    changed
}

/// Hides whatever stands at a place, but for null, which says that there is nothing.
fn hide_at(node: &mut Node, place: &NormalizedPath<'_>) -> bool {
    let names = place.iter().rev().find_map(|element| match element {
        PathElement::Name(name) => Some(*name),
        PathElement::Index(_) => None,
    });
    let hidden = placeholder(names.unwrap_or("value"));
    match node.at(place) {
        Some(Node::Other(raw)) if raw.get() == "null" => false,
        Some(Node::Text(text)) if *text == hidden => false,
        Some(found) => {
            *found = Node::Text(hidden);
            true
        }
        None => false,
    }
}
