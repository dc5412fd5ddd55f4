//! The API's errors: the code table as data, and what each means for a call or a record.
//!
//! Marketo answers HTTP 200 to almost everything; a failed call says `"success": false`
//! with a code, and a record that was not written says `"status": "skipped"` with one.
//! The codes are those of "Error Codes" in Marketo's REST documentation.

use std::time::Duration;

use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};
use outflow_core::http::{Api, CallInfo, Response, verdict_of_status};
use outflow_core::{Clock, Error, ErrorKind, Result, RowOutcome, Scope, SkipReason};

use crate::api::{Envelope, Reason, TokenAnswer};
use crate::app::GET_TOKEN;

/// What an error code stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// The access token is refused: fetch another, replay.
    Token,
    /// Too many calls at this moment.
    Throttled,
    /// A passing failure.
    Unavailable,
    /// A queue of Marketo's is full, or a list is being imported into: it takes a while.
    Queue,
    /// The budget of the day is used up.
    Quota,
    /// Too much for one call.
    TooLarge,
    /// What an id or a name stands for is not there (any more).
    Gone,
    /// This data is refused, and will be again.
    Rejected,
    /// Options, permissions or the instance are wrong: every call would fail alike.
    Configuration,
}

/// One line of the table.
pub(crate) struct Rule {
    /// The code, which the API gives as text.
    pub(crate) code: &'static str,
    /// A part of the message, in lower case, where one code stands for several things.
    pub(crate) text: &'static str,
    /// What it stands for.
    pub(crate) class: Class,
    /// What to do about it, where a person can do something.
    pub(crate) advice: &'static str,
}

const fn rule(code: &'static str, class: Class) -> Rule {
    Rule { code, text: "", class, advice: "" }
}

impl Rule {
    const fn saying(mut self, text: &'static str) -> Self {
        self.text = text;
        self
    }

    const fn advice(mut self, advice: &'static str) -> Self {
        self.advice = advice;
        self
    }
}

const OUR_REQUEST: &str = "this is a defect of the plugin; please report it";
const ADDRESS: &str = "check the option `endpoint`";
const PARTITION: &str = "check the option `partition`, and that the API-only user may use that partition";

/// What each code means for a whole call. A record's reason has the same meaning, where
/// [`RECORD_RULES`] does not say otherwise. The first rule that fits counts.
pub(crate) const RULES: &[Rule] = &[
    rule("413", Class::TooLarge),
    rule("414", Class::TooLarge),
    rule("502", Class::Unavailable),
    rule("600", Class::Token),
    rule("601", Class::Token),
    rule("602", Class::Token),
    rule("603", Class::Configuration).advice(
        "give the API-only user's role this permission (Read-Write Lead; Read-Write Assets to create lists)",
    ),
    rule("604", Class::Unavailable),
    rule("605", Class::Configuration).advice(OUR_REQUEST),
    rule("606", Class::Throttled),
    rule("607", Class::Quota),
    rule("608", Class::Unavailable),
    rule("609", Class::Configuration).advice(OUR_REQUEST),
    rule("610", Class::Configuration).advice(ADDRESS),
    rule("611", Class::Unavailable),
    rule("612", Class::Configuration).advice(OUR_REQUEST),
    rule("613", Class::Configuration).advice(OUR_REQUEST),
    rule("614", Class::Unavailable),
    rule("615", Class::Throttled),
    rule("616", Class::Configuration).advice("the Marketo subscription does not include this API"),
    rule("701", Class::Configuration).advice(OUR_REQUEST),
    rule("702", Class::Gone),
    rule("703", Class::Configuration).advice("the Marketo subscription does not include this feature"),
    rule("704", Class::Configuration).advice(OUR_REQUEST),
    rule("709", Class::Configuration).advice("a rule of the Marketo instance forbids it"),
    rule("710", Class::Configuration).advice("check the option `list_folder`"),
    rule("711", Class::Configuration).advice("check the option `list_folder`: lists cannot be in it"),
    rule("713", Class::Unavailable),
    rule("719", Class::Unavailable),
    rule("1001", Class::Rejected),
    rule("1002", Class::Rejected),
    rule("1003", Class::TooLarge).saying("too many results"),
    rule("1003", Class::Rejected),
    rule("1004", Class::Rejected),
    rule("1005", Class::Rejected),
    rule("1006", Class::Configuration).advice("the field is not in Marketo (any more): correct the mapping"),
    rule("1007", Class::Rejected).advice("several leads have this key: merge them in Marketo"),
    rule("1008", Class::Configuration).advice(PARTITION),
    rule("1009", Class::Configuration).advice(PARTITION),
    rule("1010", Class::Rejected),
    rule("1011", Class::Configuration).advice("check the option `lookup_field`"),
    rule("1012", Class::Rejected),
    rule("1013", Class::Gone),
    rule("1015", Class::Rejected),
    rule("1016", Class::Queue),
    rule("1017", Class::Rejected),
    rule("1018", Class::Configuration)
        .advice("the instance takes these records from its CRM: change them there"),
    rule("1019", Class::Queue),
    rule("1021", Class::Rejected)
        .advice("the lead belongs to a company record: map company fields to the company itself"),
    rule("1026", Class::Configuration),
    rule("1029", Class::Quota).saying("quota"),
    rule("1029", Class::Queue),
    rule("1036", Class::Rejected),
    rule("1037", Class::Rejected),
];

/// What the plugin was doing when a record was skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doing {
    /// createOrUpdate by key.
    CreateOrUpdate,
    /// createOnly by key.
    CreateOnly,
    /// updateOnly by key.
    UpdateOnly,
    /// updateOnly by id.
    UpdateById,
    /// Deleting by id.
    Delete,
    /// Adding to a list.
    AddToList,
    /// Removing from a list.
    RemoveFromList,
}

/// What a reason means for one record, in one operation, where that differs from [`RULES`].
pub(crate) enum RecordClass {
    /// What was asked for holds already.
    Done,
    /// Not done on purpose.
    Skipped(SkipReason),
    /// The lead's id is gone: look again.
    Gone,
}

/// Codes that are no failure, or one that a second look repairs.
pub(crate) const RECORD_RULES: &[(&str, &[Doing], RecordClass)] = &[
    ("702", &[Doing::Delete, Doing::RemoveFromList], RecordClass::Done),
    ("1004", &[Doing::Delete, Doing::RemoveFromList], RecordClass::Done),
    // Deleted, or merged into another lead.
    ("1004", &[Doing::UpdateById, Doing::AddToList], RecordClass::Gone),
    ("1004", &[Doing::UpdateOnly], RecordClass::Skipped(SkipReason::CreateNotAllowed)),
    ("1005", &[Doing::CreateOnly], RecordClass::Skipped(SkipReason::UpdateNotAllowed)),
    ("1015", &[Doing::RemoveFromList], RecordClass::Done),
    ("1017", &[Doing::CreateOnly], RecordClass::Skipped(SkipReason::UpdateNotAllowed)),
    ("1017", &[Doing::AddToList], RecordClass::Done),
    ("1037", &[Doing::AddToList], RecordClass::Done),
];

/// How long a full queue is left alone: Marketo's jobs take minutes, and each look costs
/// a call of the day's budget.
const QUEUE_PAUSE: Duration = Duration::from_secs(30);

/// The API's way of saying things, for the call stack.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MarketoApi;

impl Api for MarketoApi {
    fn verdict(&self, call: &CallInfo, response: &Response, clock: &Clock) -> Result<()> {
        if call.operation == GET_TOKEN {
            return token_verdict(call, response, clock);
        }
        // Before the status: some errors come as a body *with* a status.
        let envelope = serde_json::from_slice::<Envelope>(response.body());
        if let Ok(envelope) = &envelope
            && let Some(reason) = envelope.errors.first()
            && !envelope.success
        {
            tracing::debug!(code = reason.code, request_id = envelope.request_id, "refused");
            return Err(error_of(reason, clock));
        }
        status_verdict(call, response, clock)?;
        match envelope {
            Ok(envelope) if envelope.success => Ok(()),
            // A proxy's page, an answer cut short, or a refusal without a reason. The
            // call stack makes it `NoAnswer` where the call cannot be repeated.
            _ => Err(unreadable(call.operation)),
        }
    }
}

/// An answer that says nothing we know, to a call that is safe to repeat.
pub(crate) fn unreadable(operation: &str) -> Error {
    Error::unavailable(format!("the answer to {operation} is not one of Marketo's"))
        .with_code("unreadable_answer")
}

fn status_verdict(call: &CallInfo, response: &Response, clock: &Clock) -> Result<()> {
    let status = response.status();
    // Marketo itself says "not found" in a body; this is another server, or a wrong path.
    if status.is_redirection() || status == http::StatusCode::NOT_FOUND {
        return Err(wrong_address(call.operation, status, "endpoint"));
    }
    verdict_of_status(call, response, clock)
}

fn wrong_address(operation: &str, status: http::StatusCode, option: &'static str) -> Error {
    Error::configuration(format!(
        "{operation} answered HTTP {}: there is no Marketo API at this address; copy `{option}` from \
         Admin > Web Services > REST API",
        status.as_u16()
    ))
    .with_code(status.as_u16().to_string())
    .with_field(option)
}

/// The identity service speaks plain OAuth 2. Its bodies are never quoted: they can hold
/// the token.
fn token_verdict(call: &CallInfo, response: &Response, clock: &Clock) -> Result<()> {
    let status = response.status();
    match status.as_u16() {
        401 => Err(Error::configuration(
            "Marketo knows no such API user: check `client_id` and `client_secret` (Admin > LaunchPoint > \
             the service > View Details)",
        )
        .with_code("invalid_client")
        .with_field("client_id")),
        408 | 429 => verdict_of_status(call, response, clock),
        300..=499 => Err(wrong_address(call.operation, status, "identity")),
        200..=299 if serde_json::from_slice::<TokenAnswer>(response.body()).is_err() => {
            Err(unreadable(call.operation))
        }
        _ => verdict_of_status(call, response, clock),
    }
}

/// What a failed call's reason means.
pub(crate) fn error_of(reason: &Reason, clock: &Clock) -> Error {
    let (class, advice) = classify(reason);
    let kind = match class {
        Class::Token => ErrorKind::TokenExpired,
        Class::Throttled => ErrorKind::Throttled { retry_after: None },
        Class::Unavailable => ErrorKind::Unavailable { retry_after: None },
        Class::Queue => ErrorKind::Unavailable { retry_after: Some(QUEUE_PAUSE) },
        Class::Quota => ErrorKind::QuotaExhausted { until: next_reset(clock.now()) },
        Class::TooLarge => ErrorKind::TooLarge,
        Class::Gone => ErrorKind::Gone,
        Class::Rejected => ErrorKind::Rejected,
        Class::Configuration => ErrorKind::Configuration,
    };
    let error = Error::new(kind, sentence(reason, advice)).with_code(reason.code.clone());
    match option_of(advice).or_else(|| named_field(&reason.message)) {
        Some(field) => error.with_field(field),
        None => error,
    }
}

fn sentence(reason: &Reason, advice: &str) -> String {
    let message = match reason.message.trim() {
        "" => "Marketo refused and gave no reason",
        message => message,
    };
    match advice {
        "" => message.to_owned(),
        advice => format!("{message}; {advice}"),
    }
}

fn classify(reason: &Reason) -> (Class, &'static str) {
    let message = reason.message.to_lowercase();
    RULES
        .iter()
        .find(|rule| rule.code == reason.code && message.contains(rule.text))
        .map_or_else(|| (of_unknown(&reason.code), ""), |rule| (rule.class, rule.advice))
}

/// A code that is not in the table, by its family. 7xx (one asset) and 1xxx (records)
/// are about what was sent: refused, and looked for in the batch. 6xx, and all else, is
/// about the call: tried again a few times, then left for the next run. Neither is
/// retried for ever, and neither stops the destination.
fn of_unknown(code: &str) -> Class {
    match code.parse() {
        Ok(700..=799 | 1000..=1999) => Class::Rejected,
        _ => Class::Unavailable,
    }
}

/// What a skipped record's reasons mean for it.
pub(crate) fn outcome_of(reasons: &[Reason], doing: Doing, done: RowOutcome, clock: &Clock) -> RowOutcome {
    let Some(reason) = reasons.first() else {
        return Error::rejected("Marketo skipped the record and gave no reason")
            .with_code("no_reason")
            .with_scope(Scope::Record)
            .into();
    };
    let special = RECORD_RULES.iter().find(|(code, when, _)| *code == reason.code && when.contains(&doing));
    match special {
        Some((_, _, RecordClass::Done)) => done,
        Some((_, _, RecordClass::Skipped(why))) => RowOutcome::Skipped(*why),
        Some((_, _, RecordClass::Gone)) => RowOutcome::Gone,
        None => record_error(reason, clock).into(),
    }
}

/// An error that reached one record: those that every record would meet stop the
/// destination, all others are the record's own.
fn record_error(reason: &Reason, clock: &Clock) -> Error {
    let error = error_of(reason, clock);
    match error.scope() {
        Scope::Destination => error,
        _ => error.with_scope(Scope::Record),
    }
}

/// The field that a message is about: `Invalid value for field 'X' and value 'Y'`
/// [rec], `Field 'X' not found`.
pub(crate) fn named_field(message: &str) -> Option<&str> {
    const BEFORE: &str = "field '";
    let start = message.to_ascii_lowercase().find(BEFORE)? + BEFORE.len();
    let rest = &message[start..];
    Some(&rest[..rest.find('\'')?])
}

/// The option that an advice names.
fn option_of(advice: &str) -> Option<&str> {
    advice.split('`').nth(1)
}

/// Where Marketo's day begins and ends: the daily quota comes back at midnight there.
pub(crate) fn us_central() -> TimeZone {
    // Standard time, should the program have no time zone data: an hour late in summer
    // rather than an hour early.
    TimeZone::get("America/Chicago").unwrap_or_else(|_| TimeZone::fixed(Offset::constant(-6)))
}

fn next_reset(now: Timestamp) -> Timestamp {
    let midnight =
        now.to_zoned(us_central()).checked_add(1.day()).and_then(|tomorrow| tomorrow.start_of_day());
    midnight.map_or_else(
        |_| now.saturating_add(SignedDuration::from_hours(24)).unwrap_or(now),
        |midnight| midnight.timestamp(),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn class_of(code: &str, message: &str) -> Class {
        let reason = Reason { code: code.to_owned(), message: message.to_owned() };
        classify(&reason).0
    }

    #[test]
    fn no_rule_hides_another() {
        let mut seen = HashSet::new();
        for rule in RULES {
            assert!(seen.insert((rule.code, rule.text)), "{} twice", rule.code);
            let hidden = !rule.text.is_empty() && seen.contains(&(rule.code, ""));
            assert!(!hidden, "{} {:?} comes too late", rule.code, rule.text);
            assert_eq!(rule.text, rule.text.to_lowercase());
        }
    }

    #[test]
    fn one_code_can_stand_for_several_things() {
        assert_eq!(class_of("1029", "Too many jobs in queue"), Class::Queue);
        assert_eq!(class_of("1029", "Export daily quota 500MB exceeded"), Class::Quota);
        assert_eq!(class_of("1003", "Too many results match the filter"), Class::TooLarge);
        assert_eq!(class_of("1003", "Invalid value for field 'x'"), Class::Rejected);
    }

    #[test]
    fn lesson_25_unknown_codes_have_a_policy() {
        for refused in ["799", "1098", "1999"] {
            assert_eq!(class_of(refused, ""), Class::Rejected, "{refused}");
        }
        for passing in ["699", "999", "5000", "", "E17"] {
            assert_eq!(class_of(passing, ""), Class::Unavailable, "{passing}");
        }
    }

    #[test]
    fn the_field_a_message_names_is_found() {
        let message = "Invalid value for field 'Lead's Score' and value 'x'";
        assert_eq!(named_field(message), Some("Lead"));
        assert_eq!(named_field("Field 'shoeSize' not found"), Some("shoeSize"));
        assert_eq!(named_field("Invalid value for FIELD 'é' and"), Some("é"));
        assert_eq!(named_field("field 'open"), None);
        assert_eq!(named_field("ﬁeld 'x' İ field 'y'"), Some("y"));
        assert_eq!(named_field(""), None);
    }

    #[test]
    fn the_day_ends_at_midnight_us_central() {
        let next = |now: &str| now.parse().map_or_else(|_| String::new(), |now| next_reset(now).to_string());
        // Winter, summer, and the night the clocks change.
        assert_eq!(next("2026-01-10T07:00:00Z"), "2026-01-11T06:00:00Z");
        assert_eq!(next("2026-07-10T04:59:59Z"), "2026-07-10T05:00:00Z");
        assert_eq!(next("2026-03-08T06:30:00Z"), "2026-03-09T05:00:00Z");
    }
}
