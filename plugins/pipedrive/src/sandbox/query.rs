//! Query parameters, read as strictly as API v2 reads them.

use jiff::Timestamp;

use super::reply::Issues;

/// The parameters of one call, in the order they came.
#[derive(Debug, Default)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn parse(raw: &str) -> Self {
        Self(form_urlencoded::parse(raw.as_bytes()).into_owned().collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// v2 refuses what it does not know; `known` lists what it does.
    pub(super) fn only(&self, known: &[&str], issues: &mut Issues) {
        for (name, _) in &self.0 {
            if !known.contains(&name.as_str()) {
                issues.unknown(name);
            }
        }
    }

    pub(super) fn id(&self, name: &str, issues: &mut Issues) -> Option<u64> {
        let text = self.get(name)?;
        let id = text.parse().ok();
        if id.is_none() {
            issues.wrong_type(name, "integer");
        }
        id
    }

    pub(super) fn flag(&self, name: &str, issues: &mut Issues) -> bool {
        match self.get(name) {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => {
                issues.wrong_type(name, "boolean");
                false
            }
        }
    }

    /// Comma separated values; empty when the parameter is absent.
    pub(super) fn list(&self, name: &str) -> Vec<&str> {
        match self.get(name) {
            None | Some("") => Vec::new(),
            Some(text) => text.split(',').collect(),
        }
    }

    pub(super) fn ids(&self, name: &str, max: usize, issues: &mut Issues) -> Vec<u64> {
        let parts = self.list(name);
        if parts.len() > max {
            issues.add(name, format!("Parameter '{name}' takes at most {max} values"));
        }
        let ids: Vec<u64> = parts.iter().filter_map(|part| part.trim().parse().ok()).collect();
        if ids.len() < parts.len() {
            issues.wrong_type(name, "comma separated integers");
        }
        ids
    }

    /// One of several words; the first of them when absent.
    pub(super) fn word<'a>(&self, name: &str, words: &[&'a str], issues: &mut Issues) -> &'a str {
        let first = words.first().copied().unwrap_or_default();
        let Some(text) = self.get(name) else {
            return first;
        };
        words.iter().find(|word| **word == text).copied().unwrap_or_else(|| {
            issues.add(name, format!("Parameter '{name}' must be one of: {}", words.join(", ")));
            first
        })
    }

    /// A time in whole seconds. The real service refuses the fraction of a second that
    /// RFC 3339 allows, which integrations have found out the hard way.
    pub(super) fn time(&self, name: &str, issues: &mut Issues) -> Option<i64> {
        let text = self.get(name)?;
        let time = parse_time(text);
        if time.is_none() {
            issues.add(name, format!("Parameter '{name}' is not a valid datetime"));
        }
        time
    }

    /// Page size: 100 unless given, 500 at most.
    pub(super) fn limit(&self, issues: &mut Issues) -> usize {
        let Some(text) = self.get("limit") else {
            return 100;
        };
        match text.parse() {
            Ok(limit @ 1..=500) => limit,
            _ => {
                issues.add("limit", "Parameter 'limit' must be an integer from 1 to 500");
                100
            }
        }
    }
}

/// RFC 3339 without a fraction, as seconds.
pub(super) fn parse_time(text: &str) -> Option<i64> {
    if text.contains('.') || !text.contains('T') {
        return None;
    }
    text.parse::<Timestamp>().ok().map(Timestamp::as_second)
}
