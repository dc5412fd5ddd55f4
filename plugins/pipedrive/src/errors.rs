//! What the API's failures mean, as data.

use std::ops::RangeInclusive;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::{HeaderMap, header};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use outflow_core::http::{Api, CallInfo, Response, retry_after};
use outflow_core::{Clock, Error, ErrorKind, Limiter, Result};

use crate::api::Failure;

/// One row of the error table.
#[derive(Debug)]
pub(crate) struct Rule {
    statuses: RangeInclusive<u16>,
    sign: Sign,
    meaning: Meaning,
    /// What a person can do about it.
    advice: &'static str,
}

/// What tells answers of one status apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Any,
    /// A page instead of JSON: it comes from the proxy in front of the API.
    Html,
    /// The body's `code` begins so.
    Code(&'static str),
    /// The body's `error` is this.
    Error(&'static str),
    /// It is the day's budget that is used up, not the burst limit.
    Daily,
}

/// What a failure means: each is one kind of error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// Refresh the token, or give up when there is none to be had.
    TokenRefused,
    /// This record is refused.
    Rejected,
    /// The record is gone.
    Gone,
    /// Stop the destination and tell a person.
    Fatal,
    /// Stop, and leave the account alone for minutes.
    Blocked,
    /// Wait for the burst window.
    Throttled,
    /// Wait for midnight.
    SpentToday,
    TooLarge,
    /// A request that this plugin should not have sent.
    Bug,
    /// Try again.
    Passing,
}

const fn rule(statuses: RangeInclusive<u16>, sign: Sign, meaning: Meaning, advice: &'static str) -> Rule {
    Rule { statuses, sign, meaning, advice }
}

/// The error table: the first row that fits decides. The last ones are the policy for
/// statuses that the documentation does not name.
pub(crate) const TABLE: &[Rule] = &[
    rule(
        400..=400,
        Sign::Error("invalid_grant"),
        Meaning::Fatal,
        "authorise the app again: the refresh token is revoked, or was not used for 60 days",
    ),
    rule(400..=400, Sign::Any, Meaning::Rejected, ""),
    rule(401..=401, Sign::Any, Meaning::TokenRefused, ""),
    rule(
        402..=402,
        Sign::Any,
        Meaning::Fatal,
        "the company's subscription is not paid; settle it in Pipedrive",
    ),
    rule(
        403..=403,
        Sign::Html,
        Meaning::Blocked,
        "Pipedrive has shut this account's API out for a while, as it does when calls go on through refusals; wait some minutes, and check what else calls it",
    ),
    rule(
        403..=403,
        Sign::Code("feature_capping_"),
        Meaning::Fatal,
        "a limit of the company's plan is reached; free something in Pipedrive, or upgrade",
    ),
    rule(
        403..=403,
        Sign::Any,
        Meaning::Fatal,
        "the user or the app behind the credentials lacks a permission or scope",
    ),
    rule(404..=404, Sign::Any, Meaning::Gone, ""),
    rule(408..=408, Sign::Any, Meaning::Passing, ""),
    rule(410..=410, Sign::Any, Meaning::Gone, ""),
    rule(413..=414, Sign::Any, Meaning::TooLarge, ""),
    rule(415..=415, Sign::Any, Meaning::Bug, ""),
    rule(422..=422, Sign::Any, Meaning::Rejected, ""),
    rule(429..=429, Sign::Daily, Meaning::SpentToday, ""),
    rule(429..=429, Sign::Any, Meaning::Throttled, ""),
    rule(
        300..=399,
        Sign::Any,
        Meaning::Fatal,
        "a redirect is never followed, as credentials would go with it; check the option \"endpoint\"",
    ),
    rule(400..=499, Sign::Any, Meaning::Rejected, ""),
    rule(500..=599, Sign::Any, Meaning::Passing, ""),
    rule(
        0..=999,
        Sign::Any,
        Meaning::Fatal,
        "this is no answer of Pipedrive's API; check the option \"endpoint\"",
    ),
];

/// How long an account is left alone after it was shut out.
const BLOCKED_FOR: SignedDuration = SignedDuration::from_mins(5);

/// What is left of the day's tokens. Undocumented, and missing now and then.
const TOKENS_LEFT: &str = "x-daily-ratelimit-token-remaining";
/// What is left of the day's writes, in another unit.
const WRITES_LEFT: &str = "x-daily-requests-left";
/// Seconds until the burst window is free again.
const BURST_RESET: &str = "x-ratelimit-reset";

/// So many refusals, each after a pause and none with a word about the day's budget, mean
/// that it is the day's budget.
const REFUSALS_OF_A_SPENT_DAY: u32 = 5;
/// Refusals closer than this answer calls that were under way together: they count once.
const REFUSALS_APART: Duration = Duration::from_secs(1);

/// Right after midnight a count may still be yesterday's.
const COUNTS_SETTLE: i32 = 60;

/// Reads Pipedrive's answers.
#[derive(Debug)]
pub(crate) struct PipedriveApi {
    clock: Clock,
    is_refusing: AtomicBool,
    refusals: Mutex<Refusals>,
    tokens_left: Mutex<TokensLeft>,
}

/// Refusals in a row.
#[derive(Debug, Default)]
struct Refusals {
    count: u32,
    last: Option<Duration>,
}

/// The last count that a header gave.
#[derive(Debug, Default)]
struct TokensLeft {
    last: Option<u64>,
    resets_at: Option<Timestamp>,
}

impl PipedriveApi {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            clock,
            is_refusing: AtomicBool::new(false),
            refusals: Mutex::default(),
            tokens_left: Mutex::default(),
        }
    }

    /// Whether a 429 is about the day's budget: the header says so, or, without one, a row
    /// of refusals that waiting did not end.
    fn is_spent_today(&self, headers: &HeaderMap, cost: u64) -> bool {
        let too_few_tokens = number(headers, TOKENS_LEFT).map(|left| left < cost.max(1));
        let no_writes = || number(headers, WRITES_LEFT).map(|left| left == 0);
        if let Some(is_spent) = too_few_tokens.or_else(no_writes) {
            self.end_of_refusals();
            return is_spent;
        }
        let now = self.clock.elapsed();
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        if refusals.last.is_none_or(|last| now.saturating_sub(last) >= REFUSALS_APART) {
            refusals.count += 1;
            refusals.last = Some(now);
        }
        self.is_refusing.store(true, Ordering::Relaxed);
        refusals.count >= REFUSALS_OF_A_SPENT_DAY
    }

    fn end_of_refusals(&self) {
        if self.is_refusing.swap(false, Ordering::Relaxed) {
            *self.refusals.lock().unwrap_or_else(PoisonError::into_inner) = Refusals::default();
        }
    }

    /// The count is advisory: it goes up and down by some dozens (9927, 9967, 9939 in a
    /// recording), so the larger of the last two is believed, and none right after
    /// midnight.
    fn settled(&self, left: u64) -> Option<u64> {
        let now = self.clock.now();
        let resets_at = next_midnight(now);
        let mut held = self.tokens_left.lock().unwrap_or_else(PoisonError::into_inner);
        if held.resets_at != Some(resets_at) {
            *held = TokensLeft { last: None, resets_at: Some(resets_at) };
        }
        let of_day = now.to_zoned(TimeZone::UTC).time();
        let seconds =
            i32::from(of_day.hour()) * 3600 + i32::from(of_day.minute()) * 60 + i32::from(of_day.second());
        if seconds < COUNTS_SETTLE {
            return None;
        }
        held.last.replace(left).map(|before| before.max(left))
    }
}

impl Api for PipedriveApi {
    fn verdict(&self, call: &CallInfo, response: &Response, clock: &Clock) -> Result<()> {
        let status = response.status();
        if status.is_success() {
            self.end_of_refusals();
            return Ok(());
        }
        let failure = Failure::of(response.body());
        let is_html = is_html(response);
        let fits = |rule: &&Rule| {
            rule.statuses.contains(&status.as_u16())
                && match rule.sign {
                    Sign::Any => true,
                    Sign::Html => is_html,
                    Sign::Code(start) => failure.code.as_deref().is_some_and(|code| code.starts_with(start)),
                    Sign::Error(text) => failure.error.as_deref() == Some(text),
                    Sign::Daily => self.is_spent_today(response.headers(), call.cost),
                }
        };
        match TABLE.iter().find(fits) {
            Some(rule) => Err(error_of(rule, call, response, &failure, clock)),
            // The table's last row fits every status there is.
            None => Err(Error::plugin(format!("HTTP {status} is missing in the error table"))),
        }
    }

    fn observe(&self, call: &CallInfo, response: &Response, limiter: &Limiter) {
        if response.status() == 403 && is_html(response) {
            // Whatever waits for its turn would only lengthen the lock-out.
            let until = self.clock.now().checked_add(BLOCKED_FOR);
            limiter.exhaust(until.unwrap_or(Timestamp::MAX));
        }
        if !call.counted || !response.status().is_success() {
            return;
        }
        if let Some(left) = number(response.headers(), TOKENS_LEFT)
            && let Some(left) = self.settled(left)
        {
            limiter.correct_daily(left);
        }
    }
}

fn error_of(rule: &Rule, call: &CallInfo, response: &Response, failure: &Failure, clock: &Clock) -> Error {
    let status = response.status().as_u16();
    let kind = match rule.meaning {
        Meaning::TokenRefused => ErrorKind::TokenExpired,
        Meaning::Rejected => ErrorKind::Rejected,
        Meaning::Gone => ErrorKind::Gone,
        Meaning::Fatal | Meaning::Blocked => ErrorKind::Configuration,
        Meaning::Throttled => ErrorKind::Throttled { retry_after: pause(response.headers(), clock) },
        Meaning::SpentToday => ErrorKind::QuotaExhausted { until: next_midnight(clock.now()) },
        Meaning::TooLarge => ErrorKind::TooLarge,
        Meaning::Bug => ErrorKind::Plugin,
        Meaning::Passing => ErrorKind::Unavailable { retry_after: retry_after(response.headers(), clock) },
    };
    let said = if call.sensitive {
        failure.error.clone()
    } else {
        failure.error.clone().or_else(|| failure.message.clone())
    };
    let said = said.map(|said| format!(": {}", shortened(&said))).unwrap_or_default();
    let advice =
        if rule.advice.is_empty() { String::new() } else { format!(". What to do: {}", rule.advice) };
    let code = match (rule.meaning, &failure.code) {
        (Meaning::Blocked, _) => "blocked".to_owned(),
        (Meaning::SpentToday, _) => "daily_budget".to_owned(),
        (_, Some(code)) => code.clone(),
        _ => status.to_string(),
    };
    let error =
        Error::new(kind, format!("{} answered HTTP {status}{said}{advice}", call.operation)).with_code(code);
    match failure.error.as_deref().and_then(field_named) {
        Some(field) if rule.meaning == Meaning::Rejected => error.with_field(field),
        _ => error,
    }
}

/// The field that a refusal is about: its hash, or its name as in `Parameter 'x' …` or
/// `Validation failed: x: …`.
fn field_named(text: &str) -> Option<String> {
    let is_hash = |word: &&str| word.len() == 40 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let hash = text.split(|c: char| !c.is_ascii_alphanumeric()).find(is_hash);
    let quoted = || Some(text.split_once("Parameter '")?.1.split_once('\'')?.0);
    let first = || {
        let rest = text.split_once("Validation failed: ").map_or(text, |(_, rest)| rest);
        let (name, _) = rest.split_once(':')?;
        let is_name =
            |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        is_name(name).then_some(name)
    };
    hash.or_else(quoted).or_else(first).map(str::to_owned)
}

fn is_html(response: &Response) -> bool {
    let content_type = response.headers().get(header::CONTENT_TYPE);
    let says_so = content_type
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.to_ascii_lowercase().contains("text/html"));
    says_so || response.body().trim_ascii_start().starts_with(b"<")
}

/// How long the burst limit asks to wait; a window that ends "now" still takes a moment.
fn pause(headers: &HeaderMap, clock: &Clock) -> Option<Duration> {
    let reset = number(headers, BURST_RESET).map(|seconds| Duration::from_secs(seconds.max(1)));
    reset.max(retry_after(headers, clock))
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// The day ends at midnight of the server, which is UTC.
pub(crate) fn next_midnight(now: Timestamp) -> Timestamp {
    let next = now.to_zoned(TimeZone::UTC).checked_add(1.day()).and_then(|tomorrow| tomorrow.start_of_day());
    // Only at the end of representable time is there no tomorrow.
    next.map_or(Timestamp::MAX, |midnight| midnight.timestamp())
}

fn shortened(text: &str) -> String {
    const MOST: usize = 300;
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at what it did not expect")]

    use std::time::Duration;

    use super::*;

    #[test]
    fn refusals_name_their_field() {
        let hash = "946947d1b02fd3ef20798d6112ec5d895a686a21";
        let named = |text: &str| field_named(text).unwrap_or_default();
        assert_eq!(
            named(&format!("Expected 'number' as value for single option custom field '{hash}'")),
            hash
        );
        assert_eq!(named("Validation failed: emails: Parameter 'emails' expected type 'array'"), "emails");
        assert_eq!(named("Validation failed: name: must not be empty"), "name");
        assert_eq!(named("org_id: Organization 7 does not exist"), "org_id");
        assert_eq!(field_named("Bad request"), None);
        assert_eq!(field_named("Something went wrong: try again"), None);
    }

    /// Every status has a row, and the general rows come after the special ones.
    #[test]
    fn the_table_covers_every_status() {
        for status in 100..=999_u16 {
            let rule = TABLE.iter().find(|rule| rule.statuses.contains(&status) && rule.sign == Sign::Any);
            assert!(rule.is_some(), "{status}");
        }
        for (place, rule) in TABLE.iter().enumerate() {
            let shadowed = TABLE[..place].iter().any(|before| {
                before.sign == Sign::Any
                    && before.statuses.contains(rule.statuses.start())
                    && before.statuses.contains(rule.statuses.end())
            });
            assert!(!shadowed, "row {place} is never reached: {rule:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_row_of_refusals_is_the_days_budget_unless_something_works() {
        let clock = Clock::system();
        let api = PipedriveApi::new(clock.clone());
        let none = HeaderMap::new();
        for _ in 0..10 {
            // Calls that were under way together are one refusal.
            assert!(!api.is_spent_today(&none, 5));
        }
        for _ in 0..3 {
            clock.sleep(Duration::from_secs(2)).await;
            assert!(!api.is_spent_today(&none, 5));
        }
        api.end_of_refusals();
        for _ in 0..4 {
            clock.sleep(Duration::from_secs(2)).await;
            assert!(!api.is_spent_today(&none, 5));
        }
        clock.sleep(Duration::from_secs(2)).await;
        assert!(api.is_spent_today(&none, 5));

        let mut told = HeaderMap::new();
        told.insert(TOKENS_LEFT, 5.into());
        assert!(!api.is_spent_today(&told, 5));
        assert!(api.is_spent_today(&told, 10), "a few tokens are left, too few for this call");
        told.insert(TOKENS_LEFT, 0.into());
        assert!(api.is_spent_today(&told, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_count_that_goes_up_and_down_is_believed_at_its_higher_end() {
        let clock = Clock::starting_at("2026-11-20T23:59:00Z".parse().unwrap());
        let api = PipedriveApi::new(clock.clone());
        assert_eq!(api.settled(9_927), None, "one count alone says little");
        assert_eq!(api.settled(9_967), Some(9_967));
        assert_eq!(api.settled(9_939), Some(9_967));
        clock.sleep(Duration::from_secs(90)).await;
        assert_eq!(api.settled(3), None, "right after midnight it is yesterday's");
        clock.sleep(Duration::from_secs(60)).await;
        assert_eq!(api.settled(29_000), None);
        assert_eq!(api.settled(28_990), Some(29_000));
    }

    #[test]
    fn the_day_ends_at_midnight_utc() {
        let now: Timestamp = "2026-11-20T23:59:59Z".parse().unwrap();
        assert_eq!(next_midnight(now).to_string(), "2026-11-21T00:00:00Z");
    }
}
