//! `outflow demo`: generated profiles go to the sandboxes of all tools, in three rounds.

mod agreement;
mod changes;
mod mapping;
mod memory;
mod names;
mod profiles;
mod rounds;
mod show;

use std::sync::Arc;

use futures::future::join_all;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use outflow_core::{Cancel, Clock, Outflow};
use outflow_sandbox::{InProcess, SandboxOptions, SandboxType};

use self::mapping::MAPPINGS;
use self::profiles::Profile;
use self::rounds::{Target, Tool};
use crate::account;
use crate::command_line::DemoArgs;
use crate::exit::{Exit, Failure};
use crate::interrupt::{StopSignals, cancelling};
use crate::output::Output;

/// Titles of the rounds.
const ALL_NEW: &str = "all new";
const A_TENTH_CHANGED: &str = "a tenth changed";
const NOTHING_CHANGED: &str = "nothing changed";

pub(crate) async fn run(args: &DemoArgs, output: &mut Output) -> Result<Exit, Failure> {
    let speed = speed_for(args.profiles);
    let (outflow, tools) = start_sandboxes(Clock::scaled(speed))?;
    let mut targets = open_targets(&outflow, &tools).await?;
    let bars = progress_bars(&targets, output);
    let mut profiles = profiles::generate(args.profiles, args.seed);
    let cancel = Cancel::new();

    let rounds = export_rounds(&mut targets, &mut profiles, &cancel, &bars);
    let ((), interrupted) = cancelling(StopSignals::listen(), &cancel, output, rounds).await;
    bars.iter().for_each(ProgressBar::finish_and_clear);

    let shown = show::Demo {
        profiles: &profiles,
        seed: args.seed,
        speed,
        targets: &targets,
        was_stopped: interrupted,
    };
    let agrees = shown.write(output)?;
    Ok(match (interrupted, agrees) {
        (true, _) => Exit::Interrupted,
        (false, true) => Exit::Done,
        (false, false) => Exit::SomeFailed,
    })
}

/// How fast the clock runs. The tools let so few calls through that the demo would take
/// minutes; with a clock that is faster for more profiles it takes about twelve seconds.
/// The faster it is, the longer a millisecond of this machine is to the tools, and the more
/// calls come a little too early for them.
fn speed_for(profiles: u32) -> f64 {
    (f64::from(profiles) / 625.0).clamp(8.0, 200.0)
}

/// One clock for sandboxes and host, and no socket between them: the tools' limits are
/// then kept to the millisecond however fast the clock runs.
fn start_sandboxes(clock: Clock) -> Result<(Outflow, Vec<Tool>), Failure> {
    let options = SandboxOptions { clock: clock.clone(), ..SandboxOptions::default() };
    let tools: Vec<Tool> = SandboxType::all()
        .into_iter()
        .map(|kind| Tool {
            sandbox: (kind.start)(options.clone()),
            url: format!("https://{}.sandbox.example", kind.app),
        })
        .collect();
    let transport = tools
        .iter()
        .fold(InProcess::new(), |transport, tool| transport.with(&tool.url, Arc::clone(&tool.sandbox)));
    let outflow = account::outflow()?.with_clock(clock).with_transport(transport);
    Ok((outflow, tools))
}

/// A destination for each plugin that is linked with its sandbox.
async fn open_targets(outflow: &Outflow, tools: &[Tool]) -> Result<Vec<Target>, Failure> {
    let mut targets = Vec::new();
    for mapping in MAPPINGS {
        let tool = tools.iter().find(|tool| tool.sandbox.app() == mapping.app);
        if let Some(tool) = tool
            && outflow.registry().connection(mapping.connection).is_ok()
        {
            targets.push(Target::open(outflow, tool, mapping).await?);
        }
    }
    if targets.is_empty() {
        return Err(Failure::Usage(
            "this program has no plugin with a sandbox; build it with the features of outflow-plugins on"
                .to_owned(),
        ));
    }
    Ok(targets)
}

async fn export_rounds(
    targets: &mut [Target],
    profiles: &mut [Profile],
    cancel: &Cancel,
    bars: &[ProgressBar],
) {
    for title in [ALL_NEW, A_TENTH_CHANGED, NOTHING_CHANGED] {
        if title == A_TENTH_CHANGED {
            changes::change_a_tenth(profiles);
        }
        let rounds =
            targets.iter_mut().zip(bars).map(|(target, bar)| target.round(title, profiles, cancel, bar));
        join_all(rounds).await;
        if cancel.is_set() {
            return;
        }
    }
}

fn progress_bars(targets: &[Target], output: &Output) -> Vec<ProgressBar> {
    let all = MultiProgress::with_draw_target(if output.is_watched() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    });
    let style = ProgressStyle::with_template("{prefix:24} {wide_bar} {human_pos}/{human_len} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    targets
        .iter()
        .map(|target| {
            let bar = all.add(ProgressBar::new(0)).with_style(style.clone());
            bar.set_prefix(target.mapping.connection);
            bar
        })
        .collect()
}
