//! Headers: the types of bodies, credentials, and what else must be sent.

use std::collections::BTreeMap;

use serde_json::Value;

use super::operation::Operation;
use super::{Body, Exchange, Pairs};

/// The headers of an exchange.
#[derive(Clone, Copy, Debug)]
pub struct Headers<'a> {
    /// Of the request, names in lower case.
    pub sent: Pairs<'a>,
    /// Of the answer, names in lower case.
    pub answered: Pairs<'a>,
}

/// Types of bodies; none are named where anything goes.
#[derive(Default)]
pub(super) struct Media {
    pub(super) sent: Vec<String>,
    answered: BTreeMap<String, Vec<String>>,
    /// Swagger's: those of every answer.
    of_all_answers: Vec<String>,
}

impl Media {
    pub(super) fn read(document: &Value, operation: &Value, request: &Value) -> Self {
        let of_swagger = |name: &str| {
            let named = operation.get(name).or_else(|| document.get(name));
            let named = named.and_then(Value::as_array).into_iter().flatten();
            named.filter_map(Value::as_str).map(essence).collect::<Vec<_>>()
        };
        let answers = operation["responses"].as_object().into_iter().flatten();
        Self {
            sent: [of_swagger("consumes"), kinds(request)].concat(),
            answered: answers.map(|(status, answer)| (status.clone(), kinds(answer))).collect(),
            of_all_answers: of_swagger("produces"),
        }
    }
}

/// The types in a `content` of OpenAPI.
fn kinds(holder: &Value) -> Vec<String> {
    let content = holder["content"].as_object().into_iter().flatten();
    content.map(|(kind, _)| essence(kind)).collect()
}

/// A type without its parameters.
fn essence(kind: &str) -> String {
    kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Ways to show who is calling, any of which will do.
#[derive(Default)]
pub(super) struct Security(Vec<Credential>);

/// A header, and how its value begins.
struct Credential {
    header: String,
    start: &'static str,
}

impl Security {
    pub(super) fn read(document: &Value, operation: &Value) -> Self {
        let asked = operation.get("security").or_else(|| document.get("security"));
        let asked = asked.and_then(Value::as_array).into_iter().flatten();
        let names = asked.filter_map(Value::as_object).flat_map(|schemes| schemes.keys());
        let schemes = &document["components"]["securitySchemes"];
        Self(names.filter_map(|name| Credential::read(&schemes[name])).collect())
    }
}

impl Credential {
    fn read(scheme: &Value) -> Option<Self> {
        let of_authorization = |start| {
            let header = "authorization".to_owned();
            Some(Self { header, start })
        };
        match (scheme["type"].as_str()?, scheme["scheme"].as_str()) {
            ("apiKey", _) if scheme["in"] == "header" => {
                Some(Self { header: scheme["name"].as_str()?.to_ascii_lowercase(), start: "" })
            }
            ("oauth2", _) | ("http", Some("bearer")) => of_authorization("Bearer "),
            ("http", Some("basic")) => of_authorization("Basic "),
            _ => None,
        }
    }

    fn is_shown(&self, sent: Pairs<'_>) -> bool {
        value(sent, &self.header).is_some_and(|value| value.starts_with(self.start))
    }
}

/// The headers that must be sent.
pub(super) fn needed(parameters: &[&Value]) -> Vec<String> {
    let needed =
        parameters.iter().filter(|parameter| parameter["in"] == "header" && parameter["required"] == true);
    needed.filter_map(|parameter| Some(parameter["name"].as_str()?.to_ascii_lowercase())).collect()
}

pub(super) fn wrong(operation: &Operation, exchange: &Exchange<'_>, headers: &Headers<'_>) -> Vec<String> {
    let mut wrong = Vec::new();
    let has_body = !matches!(exchange.body, Body::None);
    if has_body && let Some(why) = wrong_type(&operation.media.sent, headers.sent) {
        wrong.push(format!("request: {why}"));
    }
    let ways = &operation.security.0;
    if !ways.is_empty() && !ways.iter().any(|way| way.is_shown(headers.sent)) {
        wrong.push("request: no credentials are where the specification has them".to_owned());
    }
    let missing = operation.needed_headers.iter();
    let missing = missing.filter(|name| value(headers.sent, name).is_none());
    wrong.extend(missing.map(|name| format!("request: the header {name} is missing")));
    let status = exchange.status.to_string();
    let answered = &operation.media;
    let of_status = answered.answered.get(&status).filter(|kinds| !kinds.is_empty());
    let is_specified = of_status.is_some() || answered.answered.contains_key(&status);
    let kinds = of_status.unwrap_or(&answered.of_all_answers);
    if is_specified && let Some(why) = wrong_type(kinds, headers.answered) {
        wrong.push(format!("answer: {why}"));
    }
    wrong
}

fn wrong_type(specified: &[String], headers: Pairs<'_>) -> Option<String> {
    if specified.is_empty() {
        return None;
    }
    let kind = value(headers, "content-type").map(essence).unwrap_or_default();
    let wanted = specified.join(" or ");
    (!specified.contains(&kind)).then(|| format!("the body is {kind:?}, and not {wanted}"))
}

fn value<'a>(headers: Pairs<'a>, name: &str) -> Option<&'a str> {
    let header = headers.iter().find(|(other, _)| other == name);
    header.map(|(_, value)| value.as_str())
}
