//! The batch engine: one pass from exports to outcomes.
//!
//! An export becomes a [`Task`]; the task waits its turn at its keys ([`Claims`]), then
//! in the queue of the operation it needs next ([`Queues`]), then its group changes wait
//! for full calls ([`Groups`]). Batches run concurrently, up to the account's limit, as
//! futures of this one task. A batch goes out when it is full, or when nothing more can
//! join it: the input has ended, or pauses, or no more fits in.

mod claims;
mod dispatch;
mod groups;
mod plan;
mod queues;
mod settle;
mod settle_groups;
mod task;
mod work;

use std::collections::{HashMap, VecDeque};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, Stream, StreamExt};

use self::claims::Claims;
use self::groups::Groups;
use self::plan::Planner;
use self::queues::Queues;
use self::task::{Step, Task};
use self::work::Done;
use crate::capability::{BatchSize, Capability, GroupSupport};
use crate::destination::{Destination, Run};
use crate::error::{Error, ErrorKind, Result};
use crate::export::Export;
use crate::http::{Meter, RUN, RunScope};
use crate::identity::{ProfileId, RemoteId};
use crate::outcome::{Outcome, Outcomed, Problem};
use crate::report::{OutcomeCounts, Report};
use crate::sync_mode::SyncMode;

/// Batches under way when the account declares no limit.
const DEFAULT_CONCURRENCY: usize = 8;

/// Tasks in the engine at most, for large batches and for small ones: memory does not
/// grow with the number of exports. The figures are tasks, of about a kilobyte each.
const MOST_TASKS: usize = 30_000;
const FEWEST_TASKS: usize = 2_000;

/// Exports read before anything else gets a turn.
const READ_AT_ONCE: usize = 256;

/// Whole-call failures in a row, retries and all, after which the tool counts as down.
/// Calls that were under way together count once.
const FAILURES_TO_STOP: usize = 5;

/// How long nothing new is sent after the first such failure; each further one doubles it,
/// so that a tool has a quarter of a minute to come back.
const FIRST_REST: Duration = Duration::from_secs(1);

/// Whole batches refused in a row for each one under way, halves included, after which the
/// fault is not in any one record: halving 300 rows that are all refused would take 599
/// calls. Ten halvings lead from 1,024 rows to a single one, whose answer ends the row.
const REFUSALS_TO_STOP: usize = 10;

/// Runs a stream of exports through a destination.
pub(crate) async fn run<S, F>(destination: &Destination, exports: S, run: Run, on_outcome: F) -> Report
where
    S: Stream<Item = Export> + Send,
    F: FnMut(Outcomed) + Send,
{
    let meter = Meter::default();
    let scope = RunScope { meter: meter.clone(), cancelled: run.cancel.clone() };
    let started = destination.context.clock.elapsed();
    let (outcomes, stopped, cancelled) = RUN
        .scope(scope, async {
            let mut engine = Engine::start(destination, &run, on_outcome).await;
            engine.drive(exports, &run).await;
            (engine.counts, engine.stopped, run.cancel.is_set())
        })
        .await;
    Report {
        connection: destination.name(),
        outcomes,
        calls: meter.counts(),
        elapsed: destination.context.clock.elapsed().saturating_sub(started),
        stopped,
        cancelled,
    }
}

/// What the input is up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Input {
    /// More may come at any time.
    Open,
    /// Nothing came for a while: batches need not wait for more.
    Paused,
    /// Nothing more comes.
    Ended,
}

struct Engine<'a, F> {
    destination: &'a Destination,
    on_outcome: F,
    mode: SyncMode,
    capability: Capability,
    planner: Option<Planner>,
    tasks: HashMap<u64, Task>,
    claims: Claims,
    queues: Queues,
    groups: Groups,
    /// Tasks whose record carries groups whose ids are not known yet.
    awaiting_groups: VecDeque<(Step, u64)>,
    under_way: FuturesUnordered<BoxFuture<'a, (u64, Done)>>,
    /// Look-ups and record writes under way: they may still give group changes.
    finding: usize,
    writing: usize,
    concurrency: usize,
    most_tasks: usize,
    input: Input,
    /// More input was ready when the last reading stopped.
    is_more_ready: bool,
    next_sequence: u64,
    failures_in_a_row: usize,
    /// Pieces of work begun, and how many they were when the last failure came.
    dispatched: u64,
    dispatched_at_failure: u64,
    /// The number of the piece of work that is being settled.
    settling: u64,
    /// Nothing new is sent before this instant of the account's clock.
    rests_until: Duration,
    /// How long the input has kept us waiting since a batch last went out part-filled.
    waited: Duration,
    waits_since: Option<Duration>,
    /// Refusals of whole batches since anything was last acknowledged.
    refusals_in_a_row: usize,
    /// Tasks whose turn at their keys has come.
    ready: VecDeque<u64>,
    /// Why nothing more is sent: the destination is stopped, or the run is cancelled.
    halted: Option<Error>,
    /// The failure that stopped the destination.
    stopped: Option<Error>,
    counts: OutcomeCounts,
}

impl<'a, F: FnMut(Outcomed) + Send> Engine<'a, F> {
    /// Asks for the schema. When that fails the run is stopped before it begins, and
    /// every export is told so.
    async fn start(destination: &'a Destination, run: &Run, on_outcome: F) -> Self {
        let capability = destination.capability();
        let planner = Self::plan_with(destination, &capability, run.sync_mode).await;
        let (planner, stopped) = match planner {
            Ok(planner) => (Some(planner), None),
            Err(error) => (None, Some(error)),
        };
        let queues = Queues::new(&capability);
        let concurrency =
            destination.context.http.limiter().limits().in_flight.unwrap_or(DEFAULT_CONCURRENCY);
        let (add, remove) = match capability.groups {
            GroupSupport::Calls { add, remove } => (add, remove),
            GroupSupport::None | GroupSupport::InRecord => (BatchSize::ONE, BatchSize::ONE),
        };
        Self {
            destination,
            on_outcome,
            mode: run.sync_mode,
            planner,
            tasks: HashMap::new(),
            claims: Claims::default(),
            groups: Groups::new(add.get(), remove.get()),
            awaiting_groups: VecDeque::new(),
            under_way: FuturesUnordered::new(),
            finding: 0,
            writing: 0,
            concurrency,
            most_tasks: (queues.largest() * concurrency * 4).clamp(FEWEST_TASKS, MOST_TASKS),
            queues,
            capability,
            input: Input::Open,
            is_more_ready: false,
            next_sequence: 0,
            failures_in_a_row: 0,
            dispatched: 0,
            dispatched_at_failure: 0,
            settling: 0,
            rests_until: Duration::ZERO,
            waited: Duration::ZERO,
            waits_since: None,
            refusals_in_a_row: 0,
            ready: VecDeque::new(),
            halted: stopped.clone(),
            stopped,
            counts: OutcomeCounts::default(),
        }
    }

    async fn plan_with(
        destination: &Destination,
        capability: &Capability,
        mode: SyncMode,
    ) -> Result<Planner> {
        let schema = destination.mapping_schema().await?;
        Planner::new(Arc::clone(&destination.connection), (*schema).clone(), capability, mode)
    }

    /// Reads exports, sends batches and settles answers until all is done.
    async fn drive(&mut self, exports: impl Stream<Item = Export> + Send, run: &Run) {
        let clock = self.destination.context.clock.clone();
        let mut exports = pin!(exports.fuse());
        let mut cancelled = pin!(run.cancel.wait());
        let mut is_cancelled = false;
        loop {
            self.read_ready(&mut exports);
            self.begin_ready();
            self.dispatch();
            let reads = self.wants_input();
            let rest = self.rest();
            if !reads && self.under_way.is_empty() && rest.is_none() {
                self.send_home_the_stuck();
                if self.input == Input::Ended {
                    return;
                }
                continue;
            }
            let patience = self.patience(reads, run.linger);
            tokio::select! {
                biased;
                () = &mut cancelled, if !is_cancelled => {
                    is_cancelled = true;
                    self.input = Input::Ended;
                    self.send_home(&cancelled_error());
                }
                Some(done) = self.under_way.next(), if !self.under_way.is_empty() => self.settle(done),
                next = exports.next(), if reads => self.read(next),
                () = clock.sleep(patience.unwrap_or_default()), if patience.is_some() => self.stop_waiting(),
                () = clock.sleep(rest.unwrap_or_default()), if rest.is_some() => {}
            }
        }
    }

    /// How long the input may still keep part-filled batches waiting. Only waiting for the
    /// input counts: one that always has more to give loses nothing by full batches, and
    /// one that trickles must not hold them up for ever.
    fn patience(&mut self, reads: bool, linger: Duration) -> Option<Duration> {
        if !reads || self.input != Input::Open || self.tasks.is_empty() {
            self.waits_since = None;
            return None;
        }
        let now = self.destination.context.clock.elapsed();
        let since = *self.waits_since.get_or_insert(now);
        Some(linger.saturating_sub(self.waited + (now - since)))
    }

    fn stop_waiting(&mut self) {
        self.input = Input::Paused;
        self.waits_since = None;
        self.waited = Duration::ZERO;
    }

    /// How much longer nothing new is sent, after a failure.
    fn rest(&self) -> Option<Duration> {
        let rest = self.rests_until.saturating_sub(self.destination.context.clock.elapsed());
        (!rest.is_zero() && self.halted.is_none()).then_some(rest)
    }

    /// At the end no task should be left. One that is, by a fault of this engine, must cost
    /// a retry, not a missing outcome.
    fn send_home_the_stuck(&mut self) {
        if self.tasks.is_empty() {
            return;
        }
        tracing::error!(tasks = self.tasks.len(), "tasks are left that nothing can move");
        let error = Error::unavailable("the engine had no way to go on with this profile").with_code("stuck");
        self.halted.get_or_insert(error);
        for id in self.tasks.keys().copied().collect::<Vec<_>>() {
            self.finish(id, self.halted_outcome());
        }
    }

    /// Reads what is ready, without setting timers for each.
    fn read_ready(&mut self, exports: &mut (impl Stream<Item = Export> + Unpin)) {
        self.is_more_ready = false;
        for _ in 0..READ_AT_ONCE {
            if !self.wants_input() {
                return;
            }
            match exports.next().now_or_never() {
                Some(next) => self.read(next),
                None => return,
            }
        }
        self.is_more_ready = true;
    }

    fn wants_input(&self) -> bool {
        self.input != Input::Ended && self.tasks.len() < self.most_tasks
    }

    fn read(&mut self, next: Option<Export>) {
        match next {
            Some(export) => {
                self.input = Input::Open;
                if let Some(since) = self.waits_since.take() {
                    self.waited += self.destination.context.clock.elapsed() - since;
                }
                self.admit(Arc::new(export));
            }
            None => self.input = Input::Ended,
        }
    }

    /// Takes an export in: it gets its outcome at once, or becomes a task.
    fn admit(&mut self, export: Arc<Export>) {
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        let planned = match (&self.halted, &mut self.planner) {
            (None, Some(planner)) => planner.plan(&export),
            _ => Err(self.halted_outcome()),
        };
        match planned {
            Err(outcome) => {
                let remote_id = export.remote_id.clone();
                self.report(sequence, export.profile_id.clone(), outcome, remote_id, Vec::new());
            }
            Ok(task) => {
                if matches!(self.capability.groups, GroupSupport::Calls { .. }) {
                    task.new_groups.union(&task.old_groups).for_each(|group| self.groups.mention(group));
                }
                let may_go = self.claims.line_up(sequence, &task);
                self.tasks.insert(sequence, task);
                if may_go {
                    self.ready.push_back(sequence);
                }
            }
        }
    }

    /// The outcome that an error which reached a task means for it.
    fn outcome_of(&self, error: &Error) -> Outcome {
        match (Outcome::of_error(error), error.kind()) {
            (Outcome::Retry { cause, .. }, ErrorKind::QuotaExhausted { until }) => {
                let wait = until.duration_since(self.destination.context.clock.now());
                Outcome::Retry { after: Duration::try_from(wait).ok(), cause }
            }
            (outcome, _) => outcome,
        }
    }

    /// The outcome of what is not sent any more. Whatever stopped the run, nothing is wrong
    /// with this export.
    fn halted_outcome(&self) -> Outcome {
        let Some(error) = &self.halted else {
            return Outcome::of_error(&Error::unavailable("the run has ended"));
        };
        match self.outcome_of(error) {
            Outcome::Rejected(cause) | Outcome::Unknown(cause) => Outcome::Retry { after: None, cause },
            outcome => outcome,
        }
    }

    fn report(
        &mut self,
        sequence: u64,
        profile_id: ProfileId,
        outcome: Outcome,
        remote_id: Option<RemoteId>,
        notes: Vec<Problem>,
    ) {
        self.counts.count(&outcome);
        let remote_id = match &outcome {
            Outcome::Created(id) | Outcome::Updated(id) => Some(id.clone()),
            _ => remote_id,
        };
        (self.on_outcome)(Outcomed { profile_id, sequence, outcome, remote_id, notes });
    }
}

fn cancelled_error() -> Error {
    Error::unavailable("the run was cancelled before this profile was sent").with_code("cancelled")
}
