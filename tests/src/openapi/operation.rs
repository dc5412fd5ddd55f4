//! The operations of a specification.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::headers::{self, Media, Security};
use super::schema::translated;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// Which format a specification is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    OpenApi3,
    Swagger2,
}

impl Dialect {
    pub(super) fn of(document: &Value) -> Result<Self, String> {
        let version = |key: &str| document[key].as_str().unwrap_or_default();
        if version("openapi").starts_with("3.0") {
            Ok(Self::OpenApi3)
        } else if version("swagger") == "2.0" {
            Ok(Self::Swagger2)
        } else {
            Err("the document is no OpenAPI 3.0 and no Swagger 2.0".to_owned())
        }
    }

    /// The path the document says it is served at, without a slash at the end.
    pub(super) fn base(self, document: &Value) -> String {
        let base = match self {
            Self::Swagger2 => document["basePath"].as_str().unwrap_or_default(),
            Self::OpenApi3 => {
                let url = document["servers"][0]["url"].as_str().unwrap_or_default();
                let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
                rest.find('/').map_or("", |slash| &rest[slash..])
            }
        };
        base.trim_end_matches('/').to_owned()
    }
}

/// A method at a path.
pub(super) struct Operation {
    /// In capitals.
    pub(super) method: String,
    pub(super) template: Template,
    parameters: Vec<Parameter>,
    pub(super) body: Option<Value>,
    /// A form taken whole, as an object of its fields.
    pub(super) form: Option<Value>,
    pub(super) needs_body: bool,
    answers: BTreeMap<String, Option<Value>>,
    /// Types of bodies, sent and answered.
    pub(super) media: Media,
    pub(super) security: Security,
    /// Names of headers that must be sent.
    pub(super) needed_headers: Vec<String>,
    /// What begins with `x-`.
    pub(super) extensions: Map<String, Value>,
}

/// A path with placeholders.
pub(super) struct Template {
    /// As in the specification.
    pub(super) path: String,
    pub(super) segments: Vec<String>,
    bases: Vec<Vec<String>>,
}

/// A parameter that is not the body.
pub(super) struct Parameter {
    pub(super) name: String,
    /// `path`, `query` or `formData`.
    pub(super) place: String,
    pub(super) required: bool,
    pub(super) schema: Value,
    /// Whether its text is a list, with commas between the values.
    is_list: bool,
}

/// All operations of a document.
pub(super) fn all(document: &Value, bases: &[&str]) -> Vec<Operation> {
    let mut operations = Vec::new();
    let paths = document["paths"].as_object().into_iter().flatten();
    for (path, item) in paths {
        let item = resolved(document, item);
        for method in ["get", "put", "post", "delete", "patch", "head", "options"] {
            if let Some(operation) = item.get(method) {
                operations.push(Operation::read(document, bases, path, method, item, operation));
            }
        }
    }
    operations
}

/// What a reference points to; the value itself when it is none.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    value["$ref"]
        .as_str()
        .and_then(|reference| document.pointer(reference.trim_start_matches('#')))
        .unwrap_or(value)
}

impl Operation {
    fn read(
        document: &Value,
        bases: &[&str],
        path: &str,
        method: &str,
        item: &Value,
        operation: &Value,
    ) -> Self {
        let list = |value: &Value| value["parameters"].as_array().cloned().unwrap_or_default();
        let declared = [list(item), list(operation)].concat();
        let declared: Vec<&Value> = declared.iter().map(|parameter| resolved(document, parameter)).collect();
        let in_body = declared.iter().find(|parameter| parameter["in"] == "body");
        let request = resolved(document, &operation["requestBody"]);
        let media = Media::read(document, operation, request);
        let of_swagger = in_body.map(|parameter| &parameter["schema"]);
        let body = of_swagger.or_else(|| content(request, JSON));
        // Swagger says so of a form that it describes as a body.
        let is_form = media.sent.iter().any(|kind| kind == FORM);
        let form = of_swagger.filter(|_| is_form).or_else(|| content(request, FORM));
        let needs_body =
            in_body.is_some_and(|parameter| parameter["required"] == true) || request["required"] == true;
        let answers = operation["responses"].as_object().into_iter().flatten();
        let keys = operation.as_object().into_iter().flatten();
        let own_base = own_server(operation).or_else(|| own_server(item));
        let own_base: Vec<&str> = own_base.iter().map(String::as_str).collect();
        let bases = if own_base.is_empty() { bases } else { &own_base };
        Self {
            method: method.to_uppercase(),
            template: Template::new(path, bases),
            parameters: declared.iter().filter_map(|parameter| Parameter::read(parameter)).collect(),
            body: body.map(translated),
            form: form.map(translated),
            needs_body,
            media,
            security: Security::read(document, operation),
            needed_headers: headers::needed(&declared),
            answers: answers
                .map(|(status, answer)| {
                    let answer = resolved(document, answer);
                    let schema = answer.get("schema").or_else(|| content(answer, JSON));
                    (status.clone(), schema.map(translated))
                })
                .collect(),
            extensions: keys
                .filter(|(key, _)| key.starts_with("x-"))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
        }
    }

    /// Its name in messages and keys.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.template.path)
    }

    /// Every schema in it, with its name.
    pub(super) fn schemas(&self) -> Vec<(String, &Value)> {
        let name = |part: &str| format!("{} {part}", self.name());
        let parameters = self.parameters.iter();
        let parameters = parameters.map(|parameter| (name(&parameter.name), &parameter.schema));
        let body = self.body.iter().map(|body| (name("body"), body));
        let form = self.form.iter().map(|form| (name("form"), form));
        let body = body.chain(form);
        let answers = self.answers.iter();
        let answers = answers.filter_map(|(status, answer)| Some((name(status), answer.as_ref()?)));
        parameters.chain(body).chain(answers).collect()
    }

    pub(super) fn parameters<'a>(&'a self, place: &'a str) -> impl Iterator<Item = &'a Parameter> {
        self.parameters.iter().filter(move |parameter| parameter.place == place)
    }

    /// The schema of an answer, if the status is known, and if it has one. A status that
    /// is known `otherwise` has that of the good answer.
    pub(super) fn answer(&self, status: u16, otherwise: bool) -> Option<&Option<Value>> {
        let good = || {
            let mut answers = self.answers.iter();
            answers.find(|(status, _)| status.starts_with('2'))
        };
        self.answers
            .get(&status.to_string())
            .or_else(|| self.answers.get("default"))
            .or_else(|| otherwise.then(good).flatten().map(|(_, answer)| answer))
    }
}

/// The schema of a body of this type.
fn content<'a>(holder: &'a Value, wanted: &str) -> Option<&'a Value> {
    let content = holder["content"].as_object()?;
    let of_type = content.iter().find(|(kind, _)| kind.starts_with(wanted))?;
    of_type.1.get("schema")
}

/// The path of the server that something names for itself.
fn own_server(holder: &Value) -> Option<String> {
    holder["servers"][0]["url"].as_str()?;
    Some(Dialect::OpenApi3.base(holder))
}

impl Template {
    fn new(path: &str, bases: &[&str]) -> Self {
        Self {
            path: path.to_owned(),
            segments: segments(path),
            bases: bases.iter().map(|base| segments(base)).collect(),
        }
    }

    /// What its placeholders stand for, if a path fits.
    pub(super) fn captures(&self, path: &str) -> Option<BTreeMap<String, String>> {
        let path = segments(path);
        self.bases.iter().find_map(|base| {
            let rest = path.strip_prefix(base.as_slice())?;
            if rest.len() != self.segments.len() {
                return None;
            }
            let mut captures = BTreeMap::new();
            for (template, segment) in self.segments.iter().zip(rest) {
                capture(template, segment, &mut captures)?;
            }
            Some(captures)
        })
    }
}

/// One segment; `{id}.json` has a placeholder and an end.
fn capture(template: &str, segment: &str, captures: &mut BTreeMap<String, String>) -> Option<()> {
    let Some((before, rest)) = template.split_once('{') else {
        return (template == segment).then_some(());
    };
    let (name, after) = rest.split_once('}')?;
    let value = segment.strip_prefix(before)?.strip_suffix(after)?;
    if value.is_empty() {
        return None;
    }
    captures.insert(name.to_owned(), value.to_owned());
    Some(())
}

fn segments(path: &str) -> Vec<String> {
    path.trim_matches('/').split('/').filter(|segment| !segment.is_empty()).map(str::to_owned).collect()
}

impl Parameter {
    fn read(parameter: &Value) -> Option<Self> {
        let place = parameter["in"].as_str()?;
        if !["path", "query", "formData"].contains(&place) {
            return None;
        }
        // Swagger has the type in the parameter itself.
        let schema = parameter.get("schema").unwrap_or(parameter);
        let is_array = schema["type"] == "array";
        let description = parameter["description"].as_str().unwrap_or_default();
        let is_list_in_words = description.to_lowercase().contains("comma");
        let schema = if is_array { &schema["items"] } else { schema };
        Some(Self {
            name: parameter["name"].as_str()?.to_owned(),
            place: place.to_owned(),
            required: parameter["required"] == true,
            schema: value_schema(schema),
            is_list: is_array || is_list_in_words && schema.get("enum").is_some(),
        })
    }

    /// The values that a text stands for, in the types of the schema where it can.
    pub(super) fn values(&self, text: &str) -> Vec<Value> {
        let texts: Vec<&str> = if self.is_list { text.split(',').collect() } else { vec![text] };
        texts.into_iter().map(|text| self.value(text)).collect()
    }

    fn value(&self, text: &str) -> Value {
        let parsed = match self.schema["type"].as_str() {
            Some("integer") => text.parse::<i64>().ok().map(Value::from),
            Some("number") => text.parse::<f64>().ok().map(Value::from),
            Some("boolean") => text.parse::<bool>().ok().map(Value::from),
            Some("object" | "array") => serde_json::from_str(text).ok(),
            _ => None,
        };
        parsed.unwrap_or_else(|| json!(text))
    }
}

/// The schema of one value. Of enumerations that also list combinations of their values,
/// `a`, `b` and `a,b`, the combinations do no harm.
fn value_schema(schema: &Value) -> Value {
    let mut schema: Map<String, Value> = schema.as_object().cloned().unwrap_or_default();
    for not_of_a_schema in ["name", "in", "description", "required"] {
        schema.remove(not_of_a_schema);
    }
    translated(&Value::Object(schema))
}
