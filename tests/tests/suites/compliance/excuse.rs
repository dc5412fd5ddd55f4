//! Where an exchange may be otherwise than specified, and why.

use super::heard::Heard;

/// A disagreement that is right.
#[derive(Debug)]
pub(crate) struct Excuse {
    /// The operations, each behind its specification's name: `v2 GET /persons/{id}`. A `*`
    /// stands for any text.
    pub(crate) on: &'static str,
    /// The disagreement, in the judge's words. A `*` stands for any text.
    pub(crate) disagreement: &'static str,
    /// In which of these exchanges.
    pub(crate) when: fn(&Heard) -> bool,
    /// How it is known to be right.
    pub(crate) ground: Ground,
    /// Why it is right.
    pub(crate) reason: &'static str,
}

/// How a disagreement is known to be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ground {
    /// Recordings of the real service show it.
    Recorded,
    /// The tool's documentation says so; no recording has it.
    Documented,
    /// We do so on purpose.
    OnPurpose,
}

impl Ground {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Recorded => "as recorded",
            Self::Documented => "as documented",
            Self::OnPurpose => "on purpose",
        }
    }
}

/// In all of them.
pub(crate) fn always(_: &Heard) -> bool {
    true
}

impl Excuse {
    pub(crate) fn covers(&self, operation: &str, heard: &Heard, disagreement: &str) -> bool {
        fits(self.on, operation) && fits(self.disagreement, disagreement) && (self.when)(heard)
    }
}

/// Whether a text fits a pattern in which `*` stands for any text.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut left) = text.strip_prefix(start) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        match left.find(part) {
            Some(place) => left = &left[place + part.len()..],
            None => return false,
        }
    }
    left.ends_with(end)
}

#[test]
fn a_star_stands_for_any_text() {
    assert!(fits("a", "a") && !fits("a", "ab"));
    assert!(fits("*", "") && fits("*", "ab"));
    assert!(fits("a*c", "abc") && fits("a*c", "ac") && !fits("a*c", "acb"));
    assert!(fits("a*/b*: c", "a0/b/1: c") && !fits("a*/b*: c", "a0/1: c"));
    assert!(!fits("ab*b", "ab"), "no letter counts twice");
}
