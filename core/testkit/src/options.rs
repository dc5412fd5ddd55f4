//! The account's options, as a cassette keeps them.

use outflow_core::OptionDescription;
use serde_json::{Map, Value as Json};

use crate::error::CassetteError;
use crate::redaction::{Redactor, placeholder};

/// What an account is opened with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Given {
    pub(crate) described: Vec<OptionDescription>,
    pub(crate) options: Json,
}

impl Given {
    /// As the file has them: secrets by their placeholders.
    pub(crate) fn kept(&self, redactor: &Redactor) -> Option<Map<String, Json>> {
        let options = self.options.as_object()?;
        let kept = options.iter().map(|(name, value)| {
            let kept = match value {
                Json::Null => Json::Null,
                _ if self.is_secret(name) => Json::String(placeholder(name)),
                _ => redactor.option(value),
            };
            (name.clone(), kept)
        });
        Some(kept.collect())
    }

    /// What a replay opens the account with: what was recorded, else what was given.
    /// Either way without a secret.
    pub(crate) fn replayed(&self, recorded: Option<&Map<String, Json>>) -> Json {
        let mut options = match (recorded, &self.options) {
            (Some(recorded), _) => recorded.clone(),
            (None, Json::Object(given)) => given.clone(),
            (None, other) => return other.clone(),
        };
        for option in self.described.iter().filter(|option| option.secret) {
            let name = &option.name;
            if option.required || options.get(name).is_some_and(|value| !value.is_null()) {
                options.insert(name.clone(), Json::String(placeholder(name)));
            }
        }
        Json::Object(options)
    }

    /// Whether the options given are those recorded. Secrets may be any.
    pub(crate) fn check(
        &self,
        cassette: &str,
        recorded: Option<&Map<String, Json>>,
        redactor: &Redactor,
    ) -> Result<(), CassetteError> {
        let (Some(recorded), Some(given)) = (recorded, self.kept(redactor)) else {
            return Ok(());
        };
        let mut names: Vec<&String> = recorded.keys().chain(given.keys()).collect();
        names.sort();
        names.dedup();
        let shown = |options: &Map<String, Json>, name: &str| match options.get(name) {
            Some(value) => value.to_string(),
            None => "not given".to_owned(),
        };
        let differences: Vec<String> = names
            .into_iter()
            .filter(|name| !self.is_secret(name) && recorded.get(*name) != given.get(*name))
            .map(|name| {
                let (then, now) = (shown(recorded, name), shown(&given, name));
                format!("{name:?} was {then} and is {now}")
            })
            .collect();
        if differences.is_empty() {
            return Ok(());
        }
        Err(CassetteError::OtherOptions {
            cassette: cassette.to_owned(),
            differences: differences.join("; "),
        })
    }

    fn is_secret(&self, name: &str) -> bool {
        let described = self.described.iter().find(|option| option.name == name);
        described.is_some_and(|option| option.secret)
    }
}
