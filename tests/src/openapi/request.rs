//! What is wrong with a request.

use std::collections::BTreeMap;

use serde_json::Value;

use super::operation::{Operation, Parameter};
use super::{Body, Exchange, Pairs, Spec, schema};

impl Spec {
    pub(super) fn wrong_in_request(
        &self,
        operation: &Operation,
        params: &BTreeMap<String, String>,
        exchange: &Exchange<'_>,
    ) -> Vec<String> {
        let mut wrong = Vec::new();
        for parameter in operation.parameters("path") {
            match params.get(&parameter.name) {
                Some(text) => wrong.extend(self.wrong_in_text(operation, parameter, text)),
                None => wrong.push(format!("path parameter {} is missing", parameter.name)),
            }
        }
        wrong.extend(self.wrong_in_fields(operation, "query", exchange.query));
        match exchange.body {
            Body::Form(fields) => wrong.extend(self.wrong_in_form(operation, fields)),
            Body::Json(body) => {
                wrong.extend(self.wrong_in_body("body", operation.body.as_ref(), operation, body))
            }
            Body::None if operation.needs_body => wrong.push("the body is missing".to_owned()),
            Body::None => {}
        }
        wrong
    }

    /// Fields of a query or of a form.
    fn wrong_in_fields(&self, operation: &Operation, place: &str, sent: Pairs<'_>) -> Vec<String> {
        let mut wrong = Vec::new();
        for (name, text) in sent {
            let declared = operation.parameters(place).find(|parameter| parameter.name == *name);
            match declared {
                Some(parameter) => wrong.extend(self.wrong_in_text(operation, parameter, text)),
                None => wrong.push(format!("{place} parameter {name} is not in the specification")),
            }
        }
        for parameter in operation.parameters(place).filter(|parameter| parameter.required) {
            if !sent.iter().any(|(name, _)| *name == parameter.name) {
                wrong.push(format!("{place} parameter {} is missing", parameter.name));
            }
        }
        wrong
    }

    fn wrong_in_text(&self, operation: &Operation, parameter: &Parameter, text: &str) -> Vec<String> {
        let key = format!("{} {} {}", operation.name(), parameter.place, parameter.name);
        let what = format!("{} parameter {}", parameter.place, parameter.name);
        parameter
            .values(text)
            .iter()
            .flat_map(|value| self.wrong(&key, &parameter.schema, value, &what))
            .collect()
    }

    /// A form is specified field by field, or whole, as an object.
    fn wrong_in_form(&self, operation: &Operation, fields: Pairs<'_>) -> Vec<String> {
        match &operation.form {
            Some(schema) => {
                let form = schema::typed(schema, &self.shared, fields);
                self.wrong_in_body("form", Some(schema), operation, &form)
            }
            None if operation.parameters("formData").next().is_none() && !fields.is_empty() => {
                vec!["there is a form, and the specification has none".to_owned()]
            }
            None => self.wrong_in_fields(operation, "formData", fields),
        }
    }

    fn wrong_in_body(
        &self,
        what: &str,
        schema: Option<&Value>,
        operation: &Operation,
        body: &Value,
    ) -> Vec<String> {
        let Some(schema) = schema else {
            return vec![format!("there is a {what}, and the specification has none")];
        };
        let key = format!("{} {what}", operation.name());
        let mut wrong = self.wrong(&key, schema, body, what);
        let unknown = schema::unknown(schema, &self.shared, body, what);
        wrong.extend(unknown.into_iter().map(|name| format!("{name} is not in the specification")));
        wrong
    }
}
