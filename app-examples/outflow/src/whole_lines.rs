//! A file that has whole lines only, whenever the process ends.

use std::io::{self, Write};

use serde::Serialize;

/// Bytes that wait to be written as one piece: every write is a system call.
const PIECE: usize = 8 * 1024;

/// Writes values as lines of JSON. A piece always ends where a line does, so that what
/// somebody follows, or a killed process leaves behind, can be read to its end.
pub(crate) struct WholeLines<W> {
    target: W,
    waiting: Vec<u8>,
}

impl<W: Write> WholeLines<W> {
    pub(crate) fn to(target: W) -> Self {
        Self { target, waiting: Vec::new() }
    }

    /// Takes a line. It is in the file after the next [`flush`](Self::flush) at the latest.
    pub(crate) fn line(&mut self, value: &impl Serialize) -> io::Result<()> {
        let whole = self.waiting.len();
        if let Err(error) = serde_json::to_writer(&mut self.waiting, value) {
            self.waiting.truncate(whole);
            return Err(error.into());
        }
        self.waiting.push(b'\n');
        if self.waiting.len() >= PIECE {
            self.flush()?;
        }
        Ok(())
    }

    /// Writes the lines that wait. It costs nothing when there are none.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let written = self.target.write_all(&self.waiting);
        // How much of a piece that failed was written is not known: a second try could
        // write lines twice.
        self.waiting.clear();
        written
    }
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    /// Keeps every write apart.
    #[derive(Default)]
    struct Writes(Vec<Vec<u8>>);

    impl Write for Writes {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.push(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_write_ends_with_a_line_and_holds_many() {
        let mut lines = WholeLines::to(Writes::default());
        for number in 0..10_000 {
            lines.line(&format!("line {number}")).unwrap();
        }
        lines.flush().unwrap();
        lines.flush().unwrap();
        let writes = lines.target.0;
        assert!(writes.iter().all(|piece| piece.ends_with(b"\n")));
        assert!(writes.len() < 25, "{} writes", writes.len());
        assert_eq!(writes.concat().split(|byte| *byte == b'\n').count(), 10_001);
    }

    #[test]
    fn a_flush_writes_what_waits() {
        let mut lines = WholeLines::to(Writes::default());
        lines.line(&1).unwrap();
        assert!(lines.target.0.is_empty());
        lines.flush().unwrap();
        assert_eq!(lines.target.0, [b"1\n"]);
    }
}
