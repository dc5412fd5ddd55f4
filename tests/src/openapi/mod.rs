//! Judges HTTP exchanges by an official specification: OpenAPI 3.0 or Swagger 2.0.
//!
//! Both sides are judged. Of a request: its path, the parameters that are there and those
//! that are missing, their types, and its body; but when it was refused (4xx), it may be
//! wrong, since that is what it was refused for. Of an answer: its status and its body.
//!
//! ```
//! use outflow_tests::openapi::{Body, Exchange, Spec};
//! use serde_json::json;
//!
//! let spec = Spec::parse(
//!     r##"{ "swagger": "2.0", "basePath": "/rest", "paths": { "/leads/{id}": { "get": {
//!         "parameters": [{ "in": "path", "name": "id", "type": "integer", "required": true }],
//!         "responses": { "200": { "schema": { "type": "object", "required": ["success"] } } }
//!     } } } }"##,
//!     &[],
//! )?;
//! let exchange = Exchange {
//!     method: "GET",
//!     path: "/rest/leads/7",
//!     query: &[],
//!     body: Body::None,
//!     status: 200,
//!     answer: Some(&json!({ "success": true })),
//! };
//! assert!(spec.judge(&exchange).agrees());
//! assert!(!spec.judge(&Exchange { answer: Some(&json!({})), ..exchange }).agrees());
//! # Ok::<(), String>(())
//! ```

mod headers;
mod operation;
mod request;
mod schema;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::Validator;
use serde_json::{Map, Value};

pub use self::headers::Headers;
use self::operation::{Dialect, Operation, Template};

/// A specification.
pub struct Spec {
    /// Schemas that others refer to, as they stand in the root of a document.
    shared: Map<String, Value>,
    operations: Vec<Operation>,
    /// Statuses that recordings show and the specification does not know.
    also: Vec<(String, String, u16)>,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

/// Names and values, decoded.
pub type Pairs<'a> = &'a [(String, String)];

/// One request and its answer.
#[derive(Clone, Copy, Debug)]
pub struct Exchange<'a> {
    /// `GET`
    pub method: &'a str,
    /// `/api/v2/persons/1`, without the query.
    pub path: &'a str,
    /// Query parameters, decoded.
    pub query: Pairs<'a>,
    /// The request's body.
    pub body: Body<'a>,
    /// The answer's status.
    pub status: u16,
    /// The answer's body, if it is JSON.
    pub answer: Option<&'a Value>,
}

/// The body of a request.
#[derive(Clone, Copy, Debug)]
pub enum Body<'a> {
    /// No body.
    None,
    /// JSON.
    Json(&'a Value),
    /// A form, decoded.
    Form(Pairs<'a>),
}

/// What a specification says about an exchange.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Where the exchange is not as specified.
    pub disagreements: Vec<String>,
    /// Where the specification has nothing to say.
    pub silence: Vec<String>,
}

impl Verdict {
    /// Whether nothing is otherwise than specified.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.disagreements.is_empty()
    }

    /// Both verdicts as one.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.disagreements.extend(other.disagreements);
        for why in other.silence {
            if !self.silence.contains(&why) {
                self.silence.push(why);
            }
        }
        self
    }

    fn silent(why: String) -> Self {
        Self { silence: vec![why], ..Self::default() }
    }
}

impl Spec {
    /// Reads a specification in JSON. `bases` are the paths it is served at, such as
    /// `/api/v2`; its own, when there are none.
    ///
    /// # Errors
    /// When it is no OpenAPI 3.0 and no Swagger 2.0 in JSON.
    pub fn parse(text: &str, bases: &[&str]) -> Result<Self, String> {
        let document: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let dialect = Dialect::of(&document)?;
        let own = [dialect.base(&document)];
        let bases: Vec<&str> =
            if bases.is_empty() { own.iter().map(String::as_str).collect() } else { bases.to_vec() };
        Ok(Self {
            shared: schema::shared(&document),
            operations: operation::all(&document, &bases),
            also: Vec::new(),
            validators: Mutex::default(),
        })
    }

    /// Adds a status that a recording of the real service shows, and the specification
    /// does not know: its answer is judged like the specified good one. `path` is a
    /// template of the specification. A recording is right where the two disagree.
    #[must_use]
    pub fn also_answers(mut self, method: &str, path: &str, status: u16) -> Self {
        self.also.push((method.to_owned(), path.to_owned(), status));
        self
    }

    /// Whether it has something to say about a path.
    #[must_use]
    pub fn knows(&self, method: &str, path: &str) -> bool {
        self.find(method, path).is_some()
    }

    /// An extension of an operation, such as `x-token-cost`.
    #[must_use]
    pub fn extension(&self, method: &str, path: &str, name: &str) -> Option<&Value> {
        let (operation, _) = self.find(method, path)?;
        operation.extensions.get(name)
    }

    /// Judges an exchange: its answer, and its request unless it was refused (4xx), since
    /// it may then be wrong in any way.
    #[must_use]
    pub fn judge(&self, exchange: &Exchange<'_>) -> Verdict {
        let answer = self.judge_answer(exchange);
        if (400..500).contains(&exchange.status) { answer } else { self.judge_request(exchange).and(answer) }
    }

    /// Judges the request of an exchange alone, whatever came of it.
    #[must_use]
    pub fn judge_request(&self, exchange: &Exchange<'_>) -> Verdict {
        self.known(exchange, |operation, params| {
            let wrong = self.wrong_in_request(operation, params, exchange);
            let wrong = wrong.into_iter().map(|why| format!("request: {why}"));
            Verdict { disagreements: wrong.collect(), ..Verdict::default() }
        })
    }

    /// Judges the answer of an exchange alone.
    #[must_use]
    pub fn judge_answer(&self, exchange: &Exchange<'_>) -> Verdict {
        self.known(exchange, |operation, _| {
            let mut verdict = Verdict::default();
            self.wrong_in_answer(operation, exchange, &mut verdict);
            verdict
        })
    }

    /// Judges the members of an answer, at any depth, by whether they are named at all. A
    /// schema allows others; but what an imitation makes up, or misspells, is among them.
    #[must_use]
    pub fn judge_members(&self, exchange: &Exchange<'_>) -> Verdict {
        self.known(exchange, |operation, _| {
            let schema = operation.answer(exchange.status, self.is_recorded(operation, exchange));
            let unknown = match (schema, exchange.answer) {
                (Some(Some(schema)), Some(body)) => schema::unknown(schema, &self.shared, body, "answer"),
                _ => Vec::new(),
            };
            let unknown = unknown.into_iter().map(|name| format!("{name} is not in the specification"));
            Verdict { disagreements: unknown.collect(), ..Verdict::default() }
        })
    }

    /// Judges headers: types of bodies, credentials, and headers that must be there.
    #[must_use]
    pub fn judge_headers(&self, exchange: &Exchange<'_>, headers: &Headers<'_>) -> Verdict {
        self.known(exchange, |operation, _| Verdict {
            disagreements: headers::wrong(operation, exchange, headers),
            ..Verdict::default()
        })
    }

    /// The name of the operation that a path is of, as the specification has it:
    /// `GET /persons/{id}`.
    #[must_use]
    pub fn operation(&self, method: &str, path: &str) -> Option<String> {
        Some(self.find(method, path)?.0.name())
    }

    fn known(
        &self,
        exchange: &Exchange<'_>,
        judge: impl FnOnce(&Operation, &BTreeMap<String, String>) -> Verdict,
    ) -> Verdict {
        match self.find(exchange.method, exchange.path) {
            Some((operation, params)) => judge(operation, &params),
            None => Verdict::silent(format!("{} {} is not in it", exchange.method, exchange.path)),
        }
    }

    fn find(&self, method: &str, path: &str) -> Option<(&Operation, BTreeMap<String, String>)> {
        let fitting = self.operations.iter().filter(|operation| operation.method == method);
        fitting
            .filter_map(|operation| Some((operation, operation.template.captures(path)?)))
            // Of `/persons/search` and `/persons/{id}`, the one with more words.
            .max_by_key(|(operation, _)| operation.template.literals())
    }

    fn wrong_in_answer(&self, operation: &Operation, exchange: &Exchange<'_>, verdict: &mut Verdict) {
        let status = exchange.status;
        let Some(answer) = operation.answer(status, self.is_recorded(operation, exchange)) else {
            let why = format!("status {status} is not in the specification");
            if status < 400 {
                verdict.disagreements.push(why);
            } else {
                verdict.silence.push(why);
            }
            return;
        };
        let Some(schema) = answer else {
            verdict.silence.push(format!("the body of status {status} is not specified"));
            return;
        };
        let Some(body) = exchange.answer else {
            verdict.disagreements.push("answer: the body is not JSON".to_owned());
            return;
        };
        let key = format!("{} answer {status}", operation.name());
        let wrong = self.wrong(&key, schema, body, "answer");
        verdict.disagreements.extend(wrong);
    }

    /// Whether only a recording shows this status.
    fn is_recorded(&self, operation: &Operation, exchange: &Exchange<'_>) -> bool {
        self.also.iter().any(|(method, path, status)| {
            *method == operation.method && *path == operation.template.path && *status == exchange.status
        })
    }

    /// What a schema has against a value.
    fn wrong(&self, key: &str, schema: &Value, value: &Value, what: &str) -> Vec<String> {
        match self.validator(key, schema) {
            Ok(validator) => validator
                .iter_errors(value)
                .map(|error| format!("{what}{}: {error}", error.instance_path()))
                .collect(),
            Err(error) => vec![format!("{what}: its schema cannot be used: {error}")],
        }
    }

    fn validator(&self, key: &str, schema: &Value) -> Result<Arc<Validator>, String> {
        let mut validators = self.validators.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(validator) = validators.get(key) {
            return Ok(Arc::clone(validator));
        }
        let validator = schema::compile(schema, &self.shared)?;
        let validator = Arc::new(validator);
        validators.insert(key.to_owned(), Arc::clone(&validator));
        Ok(validator)
    }

    /// The schemas that cannot be used, and why: what they describe cannot be judged.
    #[must_use]
    pub fn unusable(&self) -> Vec<String> {
        let check = |(name, schema): (String, &Value)| {
            let error = schema::compile(schema, &self.shared).err()?;
            Some(format!("{name}: {error}"))
        };
        self.operations.iter().flat_map(Operation::schemas).filter_map(check).collect()
    }
}

impl Template {
    /// How many words, not placeholders, it has.
    fn literals(&self) -> usize {
        self.segments.iter().filter(|segment| !segment.starts_with('{')).count()
    }
}
