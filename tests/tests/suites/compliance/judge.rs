//! A tool's specifications, and what they say of an exchange.

use std::collections::BTreeSet;
use std::path::Path;

use outflow_tests::openapi::{self, Spec};

use super::excuse::Excuse;
use super::heard::{Heard, Sent};

/// What a tool's exchanges are judged by.
pub(crate) struct Judge {
    /// Each with a name that its operations begin with: `v2 GET /persons/{id}`.
    pub(crate) specs: Vec<(&'static str, Spec)>,
    pub(crate) excuses: &'static [Excuse],
    /// Whether an answer refuses the request, which may then be wrong.
    pub(crate) is_refusal: fn(&Heard) -> bool,
}

/// What is said of one exchange.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    /// The operation, as its specification names it, behind the specification's name.
    pub(crate) operation: String,
    /// What is not as specified, and not excused.
    pub(crate) unexplained: Vec<String>,
    /// The excuses it needs, by their place in the list.
    pub(crate) excused: BTreeSet<usize>,
    /// Where the specifications have nothing to say.
    pub(crate) silence: Vec<String>,
}

impl Judge {
    /// `None` when no specification knows the exchange's path.
    pub(crate) fn judge(&self, heard: &Heard) -> Option<Judged> {
        let (name, spec) = self.spec_of(heard)?;
        let operation = spec.operation(&heard.method, &heard.path).unwrap_or_default();
        let mut judged = Judged { operation: format!("{name} {operation}"), ..Judged::default() };
        let verdict = self.verdict(spec, heard);
        for why in verdict.disagreements {
            let covers = |excuse: &Excuse| excuse.covers(&judged.operation, heard, &why);
            match self.excuses.iter().position(covers) {
                Some(place) => drop(judged.excused.insert(place)),
                None => judged.unexplained.push(why),
            }
        }
        judged.silence = verdict.silence;
        Some(judged)
    }

    /// The specification that knows the exchange's path.
    pub(crate) fn spec_of(&self, heard: &Heard) -> Option<&(&'static str, Spec)> {
        self.specs.iter().find(|(_, spec)| spec.knows(&heard.method, &heard.path))
    }

    /// What a request of the plugin is must always be right, even if it is refused for a
    /// token or for what the tool knows alone.
    fn verdict(&self, spec: &Spec, heard: &Heard) -> openapi::Verdict {
        let exchange = heard.exchange();
        let mut verdict = openapi::Verdict::default();
        let may_be_wrong = heard.is_by_hand && (self.is_refusal)(heard);
        if !may_be_wrong {
            verdict = verdict.and(spec.judge_request(&exchange));
            if let Sent::Other(_) = heard.body {
                let why = "request: the body is neither JSON nor a form".to_owned();
                verdict.disagreements.push(why);
            }
        }
        if heard.is_answered() {
            verdict = verdict.and(spec.judge_answer(&exchange));
            verdict = verdict.and(spec.judge_members(&exchange));
        }
        verdict.and(self.of_headers(spec, heard, may_be_wrong))
    }

    fn of_headers(&self, spec: &Spec, heard: &Heard, may_be_wrong: bool) -> openapi::Verdict {
        let Some(headers) = &heard.headers else {
            return openapi::Verdict::default();
        };
        let headers = openapi::Headers { sent: &headers.sent, answered: &headers.answered };
        let mut verdict = spec.judge_headers(&heard.exchange(), &headers);
        verdict.disagreements.retain(|why| {
            let is_of_request = why.starts_with("request: ");
            if is_of_request { !may_be_wrong } else { heard.is_answered() }
        });
        verdict
    }
}

/// Reads a specification from the folder of specifications and recordings.
pub(crate) fn read(folder: &Path, name: &str, bases: &[&str]) -> Spec {
    let text = std::fs::read_to_string(folder.join("specs").join(name)).unwrap();
    Spec::parse(&text, bases).unwrap()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::compliance::excuse::{Ground, always};

    const SPEC: &str = r##"{ "openapi": "3.0.0", "servers": [{ "url": "https://crm.example/v1" }], "paths": {
        "/people": { "post": {
            "requestBody": { "content": { "application/json": { "schema": {
                "type": "object", "required": ["name"], "properties": { "name": { "type": "string" } } } } } },
            "responses": { "200": { "content": { "application/json": { "schema": {
                "type": "object", "required": ["id"], "properties": { "id": { "type": "integer" } } } } } } }
        } }
    } }"##;

    const EXCUSES: &[Excuse] = &[Excuse {
        on: "v1 POST /people",
        disagreement: "answer: nick is not in the specification",
        when: always,
        ground: Ground::OnPurpose,
        reason: "for this test",
    }];

    fn said_of(heard: &Heard) -> Judged {
        let judge = Judge {
            specs: vec![("v1", Spec::parse(SPEC, &[]).unwrap())],
            excuses: EXCUSES,
            is_refusal: |heard| heard.status == Some(400),
        };
        judge.judge(heard).unwrap()
    }

    fn heard(body: Value, status: u16, answer: Value) -> Heard {
        Heard {
            method: "POST".to_owned(),
            path: "/v1/people".to_owned(),
            query: Vec::new(),
            body: Sent::Json(body),
            status: Some(status),
            answer: Some(answer),
            headers: None,
            is_fault: false,
            is_by_hand: false,
            reading: None,
        }
    }

    #[test]
    fn both_sides_must_be_as_specified_unless_excused() {
        let name = json!({ "name": "Ada" });
        assert_eq!(said_of(&heard(name.clone(), 200, json!({ "id": 1 }))).unexplained, [""; 0]);
        let judged = said_of(&heard(json!({ "nmae": "Ada" }), 200, json!({ "id": 1 })));
        assert_eq!(judged.operation, "v1 POST /people");
        assert_eq!(judged.unexplained.len(), 2, "one is missing, one unknown: {judged:?}");
        let judged = said_of(&heard(name, 200, json!({ "id": 1, "nick": "A", "neck": "B" })));
        assert_eq!(judged.unexplained, ["answer: neck is not in the specification"]);
        assert_eq!(judged.excused, BTreeSet::from([0]));
    }

    #[test]
    fn a_refusal_excuses_who_wrote_by_hand_and_no_plugin() {
        let refused = heard(json!({}), 400, json!({}));
        assert_eq!(said_of(&refused).unexplained.len(), 1);
        assert_eq!(said_of(&refused.by_hand()).unexplained, [""; 0]);
        let accepted = heard(json!({}), 200, json!({ "id": 1 })).by_hand();
        assert_eq!(said_of(&accepted).unexplained.len(), 1);
    }

    #[test]
    fn of_a_fault_the_request_alone_is_judged() {
        let mut fault = heard(json!({}), 200, json!({ "id": "x" }));
        fault.is_fault = true;
        assert_eq!(said_of(&fault).unexplained.len(), 1);
        fault.status = None;
        fault.body = Sent::Other("<people/>".to_owned());
        assert_eq!(said_of(&fault).unexplained, ["request: the body is neither JSON nor a form"]);
    }
}
