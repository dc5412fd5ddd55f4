//! Input: one export a line, as JSON.

mod line;
mod lines;
mod once;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::{thread, vec};

use futures::Stream;
use outflow_core::Export;
use tokio::sync::mpsc;

use crate::exit::Failure;

pub(crate) use line::BadLine;
use lines::Lines;

/// Chunks that wait, read and parsed, while batches are under way.
const CHUNKS_AHEAD: usize = 2;

/// What of an input is no export.
pub(crate) enum NoExport {
    /// A line that cannot be read; the others are not concerned.
    BadLine(BadLine),
    /// The source failed: nothing comes after it.
    Broken {
        /// How many lines came before.
        after_line: u64,
        /// What happened.
        error: io::Error,
    },
}

type Entry = Result<Export, NoExport>;

/// Opens a file, or stdin for `-`.
pub(crate) fn open(path: &Path) -> Result<Box<dyn Read + Send>, Failure> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin()));
    }
    let cannot = |why: String| Failure::Usage(format!("--input {}: {why}", path.display()));
    let file = File::open(path).map_err(|error| cannot(format!("cannot be read: {error}")))?;
    // A folder can be opened, and fails only when it is read: too late for a usage error.
    match file.metadata() {
        Ok(metadata) if metadata.is_dir() => Err(cannot("is a folder; give a file of NDJSON".to_owned())),
        _ => Ok(Box::new(file)),
    }
}

/// The exports of an input, as a stream. What of it is no export goes to a callback.
pub(crate) struct Exports<F> {
    chunks: mpsc::Receiver<Vec<Entry>>,
    entries: vec::IntoIter<Entry>,
    on_no_export: F,
}

impl<F: FnMut(NoExport)> Exports<F> {
    /// Reads `source` on a thread of its own, since a read can block for as long as the
    /// writer of a pipe likes. The thread ends with the source, or soon after this is
    /// dropped; one that waits for a pipe then ends with the process.
    pub(crate) fn read(source: Box<dyn Read + Send>, on_no_export: F) -> Self {
        let (sender, chunks) = mpsc::channel(CHUNKS_AHEAD);
        thread::spawn(move || {
            let mut lines = Lines::of(source);
            while let Some(chunk) = lines.next_chunk() {
                if sender.blocking_send(chunk).is_err() {
                    break;
                }
            }
        });
        Self { chunks, entries: Vec::new().into_iter(), on_no_export }
    }
}

impl<F: FnMut(NoExport) + Unpin> Stream for Exports<F> {
    type Item = Export;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Export>> {
        let this = self.get_mut();
        loop {
            match this.entries.next() {
                Some(Ok(export)) => return Poll::Ready(Some(export)),
                Some(Err(no_export)) => (this.on_no_export)(no_export),
                None => match ready!(this.chunks.poll_recv(context)) {
                    Some(chunk) => this.entries = chunk.into_iter(),
                    None => return Poll::Ready(None),
                },
            }
        }
    }
}
