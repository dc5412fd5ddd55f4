//! What can be asked of this program.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use outflow_core::SyncMode;

use crate::logging::LogLevel;
use crate::output::Format;

/// Exports customer profiles to the tools a company works in.
#[derive(Debug, Parser)]
#[command(
    name = "outflow",
    version,
    disable_help_subcommand = true,
    after_help = "Examples:\n  \
        outflow demo\n  \
        outflow plugins\n  \
        outflow export marketo-leads-export --app endpoint=https://123-ABC-456.mktorest.com \\\n      \
            --app client_id=env:MARKETO_ID --app client_secret=env:MARKETO_SECRET --input profiles.ndjson"
)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// How results are written to stdout
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) output: Format,

    /// How much is logged to stderr; neither secrets nor property values ever are
    #[arg(long, global = true, value_enum, value_name = "LEVEL", env = LOG_VARIABLE)]
    pub(crate) log: Option<LogLevel>,
}

/// The variable that `--log` stands in for.
const LOG_VARIABLE: &str = "OUTFLOW_LOG";

impl CommandLine {
    /// Reads this process's own; says what is wrong with it and ends the process if it must.
    pub(crate) fn read() -> Self {
        let mut command = Self::command();
        // In scripts and service files, an empty variable is how one is unset.
        if std::env::var_os(LOG_VARIABLE).is_some_and(|value| value.is_empty()) {
            command = command.mut_arg("log", |arg| arg.env(None::<&'static str>));
        }
        Self::from_arg_matches(&command.get_matches()).unwrap_or_else(|error| error.exit())
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Export generated profiles to the sandboxes of all tools, and check that they agree
    Demo(DemoArgs),
    /// Export profiles, one a line, to a destination
    Export(ExportArgs),
    /// List the Apps and Connections there are, with their options
    #[command(after_help = "Example:\n  outflow plugins --output json")]
    Plugins,
    /// Test an account: whom is it connected as?
    Check(CheckArgs),
    /// Print the fields that a destination can write
    Fields(DestinationArgs),
    /// Serve the sandboxes of all tools until Ctrl-C
    Sandbox(SandboxArgs),
}

/// How VALUEs are read, for the help of every command that takes some.
const VALUES: &str = "A VALUE may be env:NAME (an environment variable) or file:PATH (a file, without the line \
                      break at its end), so that secrets stay off the command line.";

#[derive(Debug, Args)]
#[command(after_help = format!(
    "{VALUES}\n\nExample:\n  outflow check pipedrive --app endpoint=https://acme.pipedrive.com \\\n      \
     --app api_token=env:PIPEDRIVE_TOKEN"
))]
pub(crate) struct CheckArgs {
    /// The App, as `outflow plugins` lists it
    pub(crate) app: String,

    /// An option of the App; repeat it for each
    #[arg(long = "app", value_name = "KEY=VALUE", id = "app_options")]
    pub(crate) app_options: Vec<String>,
}

#[derive(Debug, Args)]
#[command(after_help = format!(
    "{VALUES}\n\nExample:\n  outflow fields pipedrive-persons-export --app endpoint=https://acme.pipedrive.com \\\n      \
     --app api_token=env:PIPEDRIVE_TOKEN"
))]
pub(crate) struct DestinationArgs {
    /// The Connection, as `outflow plugins` lists it
    pub(crate) connection: String,

    /// An option of its App (where the tool is, credentials); repeat it for each
    #[arg(long = "app", value_name = "KEY=VALUE")]
    pub(crate) app_options: Vec<String>,

    /// An option of the Connection; repeat it for each
    #[arg(long = "option", value_name = "KEY=VALUE")]
    pub(crate) options: Vec<String>,
}

#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("allowed").args(["sync_mode", "operations"]),
    after_help = format!("{EXPORT_HELP}\n\n{VALUES}\n\n{EXPORT_EXAMPLE}")
)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    pub(crate) destination: DestinationArgs,

    /// NDJSON, one export a line; - is stdin
    #[arg(long, value_name = "FILE|-")]
    pub(crate) input: PathBuf,

    /// What may be done to the tool's records; sync when not given
    #[arg(long, value_enum, value_name = "MODE")]
    sync_mode: Option<Mode>,

    /// The same as a list of create, update and delete
    #[arg(long, value_enum, value_name = "OPERATION", value_delimiter = ',')]
    operations: Vec<Operation>,

    /// Write one NDJSON line for each export: what became of it
    #[arg(long, value_name = "FILE")]
    pub(crate) outcomes: Option<PathBuf>,
}

const EXPORT_HELP: &str = r#"Each line of the input is one export:
  {"profile_id":"42","old_properties":{},"new_properties":{"email":"ada@example.com"},
   "old_groups":[],"new_groups":["VIP"],"to_delete":false,"remote_id":"7149","is_new":false}
  All but profile_id and new_properties can be left out. "old" is what the tool last
  acknowledged, remote_id the tool's own id if known; is_new says that the tool has no record
  of it yet. A line that cannot be read is reported as a rejected export; the others go on.

Exit codes:
  0    all done, skips included
  1    some exports are rejected, to be retried, or of unknown outcome
  2    the command line, an option or a file is wrong
  3    the destination refused altogether
  130  Ctrl-C: batches in flight finished and the report was printed"#;

const EXPORT_EXAMPLE: &str = "Example:\n  \
    outflow export marketo-leads-export --app endpoint=https://123-ABC-456.mktorest.com \\\n      \
    --app client_id=env:MARKETO_ID --app client_secret=env:MARKETO_SECRET \\\n      \
    --input profiles.ndjson --sync-mode additive --output json --outcomes outcomes.ndjson";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Mode {
    /// Create, update and delete
    Sync,
    /// Create and update
    Additive,
    /// Update what is there
    Enrich,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Operation {
    Create,
    Update,
    Delete,
}

impl ExportArgs {
    pub(crate) fn sync_mode(&self) -> SyncMode {
        if !self.operations.is_empty() {
            return SyncMode {
                create: self.operations.contains(&Operation::Create),
                update: self.operations.contains(&Operation::Update),
                delete: self.operations.contains(&Operation::Delete),
            };
        }
        match self.sync_mode {
            None | Some(Mode::Sync) => SyncMode::SYNC,
            Some(Mode::Additive) => SyncMode::ADDITIVE,
            Some(Mode::Enrich) => SyncMode::ENRICH,
        }
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  outflow demo --profiles 500 --output json")]
pub(crate) struct DemoArgs {
    /// How many profiles to generate
    #[arg(long, value_name = "N", default_value_t = 5_000)]
    pub(crate) profiles: u32,

    /// Other seeds make other profiles
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
}

#[derive(Debug, Args)]
#[command(after_help = r#"A FILE of faults is a JSON list of what goes wrong, on which call:
  [{"on": {"app": "marketo", "path_contains": "leads.json", "nth": 2, "times": 1},
    "action": {"status": {"status": 502, "body": "Bad Gateway"}}}]
  Conditions: app, operation, method, path_contains, body_contains, nth, times. Actions:
  status, error_code, html, delay (with members), reset, reset_after, timeout, timeout_after,
  truncated, expire_token.

Example:
  outflow sandbox --port 4010 --limits off --latency-ms 50"#)]
pub(crate) struct SandboxArgs {
    /// The first sandbox's port, the others following; free ones when not given
    #[arg(long, value_name = "P")]
    pub(crate) port: Option<u16>,

    /// Whether the tools' limits are enforced
    #[arg(long, value_enum, value_name = "on|off", default_value_t = Switch::On, hide_possible_values = true)]
    pub(crate) limits: Switch,

    /// How long each call takes
    #[arg(long, value_name = "N", default_value_t = 0)]
    latency_ms: u64,

    /// What goes wrong, as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,
}

impl SandboxArgs {
    pub(crate) fn latency(&self) -> Duration {
        Duration::from_millis(self.latency_ms)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    On,
    Off,
}
