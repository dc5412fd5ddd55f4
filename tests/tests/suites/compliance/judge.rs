//! A tool's specifications, and what they say of an exchange.

use std::collections::BTreeSet;
use std::path::Path;

use outflow_tests::openapi::{self, Spec};

use super::excuse::Excuse;
use super::heard::{Heard, Sent};

/// What a tool's exchanges are judged by.
pub(crate) struct Judge {
    pub(crate) specs: Vec<Spec>,
    pub(crate) excuses: &'static [Excuse],
    /// Whether an answer refuses the request, which may then be wrong.
    pub(crate) is_refusal: fn(&Heard) -> bool,
}

/// What is said of one exchange.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    /// The operation, as its specification names it.
    pub(crate) operation: String,
    /// What is not as specified, and not excused.
    pub(crate) unexplained: Vec<String>,
    /// The excuses it needs, by their place in the list.
    pub(crate) excused: BTreeSet<usize>,
    /// Where the specifications have nothing to say.
    pub(crate) silence: Vec<String>,
}

impl Judge {
    pub(crate) fn judge(&self, heard: &Heard) -> Judged {
        let Some(spec) = self.spec_of(heard) else {
            return Judged {
                silence: vec![format!("{} {} is specified nowhere", heard.method, heard.path)],
                ..Judged::default()
            };
        };
        let operation = spec.operation(&heard.method, &heard.path).unwrap_or_default();
        let mut judged = Judged {
            operation,
            ..Judged::default()
        };
        let verdict = self.verdict(spec, heard);
        for why in verdict.disagreements {
            let covers = |excuse: &Excuse| excuse.covers(&judged.operation, heard, &why);
            match self.excuses.iter().position(covers) {
                Some(place) => drop(judged.excused.insert(place)),
                None => judged.unexplained.push(why),
            }
        }
        judged.silence = verdict.silence;
        judged
    }

    /// The specification that knows the exchange's path.
    pub(crate) fn spec_of(&self, heard: &Heard) -> Option<&Spec> {
        self.specs
            .iter()
            .find(|spec| spec.knows(&heard.method, &heard.path))
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
        let headers = openapi::Headers {
            sent: &headers.sent,
            answered: &headers.answered,
        };
        let mut verdict = spec.judge_headers(&heard.exchange(), &headers);
        verdict.disagreements.retain(|why| {
            let is_of_request = why.starts_with("request: ");
            if is_of_request {
                !may_be_wrong
            } else {
                heard.is_answered()
            }
        });
        verdict
    }
}

/// Reads a specification from the folder of specifications and recordings.
pub(crate) fn read(folder: &Path, name: &str, bases: &[&str]) -> Spec {
    let text = std::fs::read_to_string(folder.join("specs").join(name)).unwrap();
    Spec::parse(&text, bases).unwrap()
}
