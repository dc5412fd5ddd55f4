//! Logs, to stderr.

use std::io::{self, IsTerminal};

use clap::ValueEnum;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogLevel {
    Off,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl From<LogLevel> for LevelFilter {
    fn from(level: LogLevel) -> Self {
        match level {
            LogLevel::Off => Self::OFF,
            LogLevel::Error => Self::ERROR,
            LogLevel::Warn => Self::WARN,
            LogLevel::Info => Self::INFO,
            LogLevel::Debug => Self::DEBUG,
            LogLevel::Trace => Self::TRACE,
        }
    }
}

/// Logs what Outflow's own crates say. The HTTP libraries' logs hold URLs, headers and
/// bodies: they are never shown, at whatever level.
pub(crate) fn start(level: LogLevel) {
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        // A call is a span: its end says how long it took.
        .with_span_events(FmtSpan::CLOSE);
    let outflow_only = Targets::new().with_target("outflow", LevelFilter::from(level));
    // It fails only when a subscriber is there already, which is as good.
    let _ = tracing_subscriber::registry().with(layer).with(outflow_only).try_init();
}
