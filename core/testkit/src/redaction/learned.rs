//! Secrets that nobody handed over, found where tokens stand: what a token call answers
//! may come back in a path, where no name tells it.

use std::collections::BTreeSet;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value as Json;

use super::{is_placeholder, token_names};
use crate::body::{self, Body};
use crate::exchange::{Answer, Exchange, Header, content_type};

/// Shorter ones may be words that stand for nothing secret elsewhere.
const SHORTEST: usize = 8;

/// Cookies hold preferences, too.
const SHORTEST_COOKIE: usize = 16;

/// Names and values of all tokens in these exchanges.
pub(super) fn tokens(exchanges: &[Exchange]) -> Vec<(String, String)> {
    let mut found = Found::default();
    for exchange in exchanges {
        found.look_at(exchange);
    }
    found.0.into_iter().collect()
}

#[derive(Default)]
struct Found(BTreeSet<(String, String)>);

impl Found {
    fn look_at(&mut self, exchange: &Exchange) {
        let asked = &exchange.asked;
        for (name, value) in asked.url.query_pairs() {
            self.field(&name, &value);
        }
        self.headers(&asked.headers);
        self.body(&Body::read(asked.content_type(), &asked.body));
        if let Answer::Response { headers, body, .. } = &exchange.answer {
            self.headers(headers);
            self.body(&Body::read(content_type(headers), body));
        }
    }

    fn take(&mut self, name: &str, value: &str, shortest: usize) {
        if value.len() >= shortest && !is_placeholder(value) {
            self.0.insert((name.to_owned(), value.to_owned()));
        }
    }

    fn field(&mut self, name: &str, value: &str) {
        if token_names::is_field(name) {
            self.take(name, value, SHORTEST);
        }
    }

    fn headers(&mut self, headers: &[Header]) {
        let secret = |header: &&Header| header.sensitive || token_names::is_header(&header.name);
        for Header { name, value, .. } in headers.iter().filter(secret) {
            if name.ends_with("cookie") {
                self.cookies(name, value);
                continue;
            }
            let credential = value.split_once(' ').map_or(value.as_str(), |(_, credential)| credential);
            self.take(name, credential, SHORTEST);
            self.password(name, credential);
        }
    }

    /// The password of `Authorization: Basic`.
    fn password(&mut self, name: &str, credential: &str) {
        let text = BASE64_STANDARD.decode(credential).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        if let Some((_, password)) = text.as_deref().and_then(|text| text.split_once(':')) {
            self.take(name, password, SHORTEST);
        }
    }

    fn cookies(&mut self, name: &str, value: &str) {
        for (_, value) in value.split(';').filter_map(|cookie| cookie.split_once('=')) {
            // `Expires=Wed, 21 Oct …` is no secret and has blanks, which no cookie has.
            if !value.contains(' ') {
                self.take(name, value, SHORTEST_COOKIE);
            }
        }
    }

    fn body(&mut self, body: &Body) {
        match body {
            Body::Json(json) => self.json(json),
            Body::Form(pairs) => pairs.iter().for_each(|(name, value)| self.field(name, value)),
            Body::Multipart(parts) => parts.iter().for_each(|part| self.part(part)),
            Body::Empty | Body::Text(_) | Body::Binary(_) => {}
        }
    }

    fn part(&mut self, part: &body::Part) {
        match &part.body {
            Body::Text(text) => self.field(&part.name, text),
            other => self.body(other),
        }
    }

    fn json(&mut self, json: &Json) {
        match json {
            Json::Array(items) => items.iter().for_each(|item| self.json(item)),
            Json::Object(fields) => {
                for (name, value) in fields {
                    match value {
                        Json::String(text) => self.field(name, text),
                        other => self.json(other),
                    }
                }
            }
            _ => {}
        }
    }
}
