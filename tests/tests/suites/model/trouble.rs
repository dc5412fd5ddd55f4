//! Faults of all kinds, by script.

use std::collections::BTreeMap;

use outflow_sandbox::{Fault, FaultAction, Match};
use proptest::prelude::*;

use crate::world::{Kind, Tool};

/// One fault: what goes wrong, on which calls.
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    /// Calls of one kind; of any, when there is none.
    on: Option<Kind>,
    nth: u64,
    times: u64,
    what: What,
}

#[derive(Clone, Copy, Debug)]
enum What {
    BadGateway,
    Busy,
    Reset,
    ResetAfter,
    Timeout,
    TimeoutAfter,
    Truncated,
    Page(u16),
    Throttled,
    ExpiredToken,
    /// A passing failure as the tool words it.
    OwnWords,
    Slow,
}

pub(crate) fn trouble() -> impl Strategy<Value = Trouble> {
    let on = prop_oneof![
        3 => Just(None),
        2 => Just(Some(Kind::Create)),
        2 => Just(Some(Kind::Update)),
        1 => Just(Some(Kind::Delete)),
        1 => Just(Some(Kind::Find)),
    ];
    // Most failures are over at once; now and then one lasts.
    let times = prop_oneof![12 => Just(1u64), 3 => 2..5u64, 1 => Just(30)];
    (on, 1..9u64, times, what()).prop_map(|(on, nth, times, what)| Trouble { on, nth, times, what })
}

fn what() -> impl Strategy<Value = What> {
    prop_oneof![
        2 => Just(What::BadGateway),
        1 => Just(What::Busy),
        2 => Just(What::Reset),
        3 => Just(What::ResetAfter),
        1 => Just(What::Timeout),
        2 => Just(What::TimeoutAfter),
        3 => Just(What::Truncated),
        1 => Just(What::Page(200)),
        1 => Just(What::Page(403)),
        1 => Just(What::Page(502)),
        2 => Just(What::Throttled),
        2 => Just(What::ExpiredToken),
        1 => Just(What::OwnWords),
        1 => Just(What::Slow),
    ]
}

impl Trouble {
    pub(crate) fn script(&self, tool: Tool) -> Fault {
        let on = Match { operation: self.on.map(|kind| tool.operation(kind).to_owned()), ..Match::default() };
        Fault::new(on.nth(self.nth).times(self.times), self.what.action(tool))
    }
}

impl What {
    fn action(self, tool: Tool) -> FaultAction {
        match self {
            Self::BadGateway => status(502, &[]),
            Self::Busy => status(503, &[("retry-after", "2")]),
            Self::Reset => FaultAction::Reset,
            Self::ResetAfter => FaultAction::ResetAfter,
            Self::Timeout => FaultAction::Timeout,
            Self::TimeoutAfter => FaultAction::TimeoutAfter,
            Self::Truncated => FaultAction::Truncated,
            Self::Page(status) => FaultAction::Html { status },
            Self::Throttled => throttled(tool),
            Self::ExpiredToken => FaultAction::ExpireToken,
            Self::OwnWords => code(if tool == Tool::Leads { "611" } else { "500" }),
            Self::Slow => FaultAction::Delay { ms: 3_000 },
        }
    }
}

fn throttled(tool: Tool) -> FaultAction {
    match tool {
        // "Slow down", inside a 200.
        Tool::Leads => code("606"),
        Tool::Persons | Tool::Organizations => {
            status(429, &[("x-ratelimit-reset", "1"), ("x-daily-ratelimit-token-remaining", "9000")])
        }
    }
}

pub(crate) fn code(code: &str) -> FaultAction {
    FaultAction::ErrorCode { code: code.to_owned(), message: String::new() }
}

pub(crate) fn status(status: u16, headers: &[(&str, &str)]) -> FaultAction {
    let headers = headers.iter();
    FaultAction::Status {
        status,
        body: "{}".to_owned(),
        headers: headers
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect::<BTreeMap<_, _>>(),
    }
}
