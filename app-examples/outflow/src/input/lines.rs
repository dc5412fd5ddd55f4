//! A source cut into lines, in bounded memory.

use std::io::{self, BufRead, BufReader, Read};

use super::line::{self, BadLine, MAX_LINE};
use super::{Entry, NoExport};

/// Bytes asked of the source at a time. What one read gives becomes one chunk: a slow
/// pipe is passed on line by line, a file in large pieces.
const BLOCK: usize = 128 * 1024;

/// The byte order mark that some editors put at the start of a file.
const BOM: &[u8] = b"\xEF\xBB\xBF";

pub(super) struct Lines<R> {
    source: BufReader<R>,
    cutter: Cutter,
    ended: bool,
}

impl<R: Read> Lines<R> {
    pub(super) fn of(source: R) -> Self {
        Self { source: BufReader::with_capacity(BLOCK, source), cutter: Cutter::default(), ended: false }
    }

    /// The lines that end within the next read, parsed. `None` at the end of the source.
    pub(super) fn next_chunk(&mut self) -> Option<Vec<Entry>> {
        if self.ended {
            return None;
        }
        let mut entries = Vec::new();
        match self.source.fill_buf() {
            Ok([]) => {
                self.ended = true;
                self.cutter.end(&mut entries);
            }
            Ok(block) => {
                let length = block.len();
                self.cutter.cut(block, &mut entries);
                self.source.consume(length);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                self.ended = true;
                entries.push(Err(NoExport::Broken { after_line: self.cutter.count, error }));
            }
        }
        Some(entries)
    }
}

/// Cuts blocks into lines.
#[derive(Default)]
struct Cutter {
    /// The lines seen so far.
    count: u64,
    /// The beginning of a line that goes on in the next block.
    begun: Vec<u8>,
    /// That line is longer than a line may be: the rest of it is passed over.
    too_long: bool,
}

impl Cutter {
    fn cut(&mut self, block: &[u8], entries: &mut Vec<Entry>) {
        for piece in block.split_inclusive(|byte| *byte == b'\n') {
            match piece.strip_suffix(b"\n") {
                Some(line) if self.begun.is_empty() && !self.too_long => self.line(line, entries),
                Some(rest) => {
                    self.keep(rest);
                    self.end(entries);
                }
                None => self.keep(piece),
            }
        }
    }

    fn keep(&mut self, piece: &[u8]) {
        if self.begun.len() + piece.len() > MAX_LINE {
            self.too_long = true;
            self.begun = Vec::new();
        }
        if !self.too_long {
            self.begun.extend_from_slice(piece);
        }
    }

    /// Ends a line that was begun, if there is one: the last may have no line break.
    fn end(&mut self, entries: &mut Vec<Entry>) {
        // Taken, so that one huge line does not hold its memory for the rest of the run.
        let begun = std::mem::take(&mut self.begun);
        if std::mem::take(&mut self.too_long) {
            self.count += 1;
            entries.push(Err(NoExport::BadLine(BadLine::too_long(self.count))));
        } else if !begun.is_empty() {
            self.line(&begun, entries);
        }
    }

    fn line(&mut self, line: &[u8], entries: &mut Vec<Entry>) {
        self.count += 1;
        let line = match line.strip_prefix(BOM) {
            Some(rest) if self.count == 1 => rest,
            _ => line,
        };
        if !line.trim_ascii().is_empty() {
            entries.push(line::parse(self.count, line).map_err(NoExport::BadLine));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its bytes in reads of one size, then fails if it is to.
    struct Pieces<'a> {
        bytes: &'a [u8],
        size: usize,
        fails: bool,
    }

    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.bytes.is_empty() && self.fails {
                return Err(io::Error::other("the disk is gone"));
            }
            let length = self.size.min(buffer.len()).min(self.bytes.len());
            let (now, later) = self.bytes.split_at(length);
            buffer[..length].copy_from_slice(now);
            self.bytes = later;
            Ok(length)
        }
    }

    fn read(bytes: &[u8], size: usize, fails: bool) -> Vec<String> {
        let mut lines = Lines::of(Pieces { bytes, size, fails });
        let chunks = std::iter::from_fn(|| lines.next_chunk());
        chunks.flatten().map(describe).collect()
    }

    fn describe(entry: Entry) -> String {
        match entry {
            Ok(export) => export.profile_id.to_string(),
            Err(NoExport::BadLine(bad)) => bad.problem.message,
            Err(NoExport::Broken { after_line, error }) => format!("{error} after line {after_line}"),
        }
    }

    fn export(id: &str) -> String {
        format!(r#"{{"profile_id":"{id}","new_properties":{{}}}}"#)
    }

    #[test]
    fn lines_are_the_same_however_the_source_is_read() {
        let input =
            format!("\u{FEFF}{}\r\n\n   \t\r\n{}\nnonsense\n{}", export("a"), export("bé"), export("c"));
        for size in [1, 2, 3, 7, 50, BLOCK] {
            let lines = read(input.as_bytes(), size, false);
            assert_eq!(lines.len(), 4, "{lines:?}");
            assert_eq!((&*lines[0], &*lines[1], &*lines[3]), ("a", "bé", "c"));
            assert!(lines[2].starts_with("line 5: "), "{lines:?}");
        }
    }

    #[test]
    fn an_empty_source_has_no_lines() {
        assert!(read(b"", BLOCK, false).is_empty());
        assert!(read(BOM, BLOCK, false).is_empty());
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over() {
        let mut input = export("a").into_bytes();
        input.push(b'\n');
        input.extend(std::iter::repeat_n(b'x', MAX_LINE + 1));
        input.push(b'\n');
        input.extend(export("b").into_bytes());
        let lines = read(&input, BLOCK, false);
        assert_eq!(lines, ["a", "line 2: it is longer than 16 MB, the most a line may have", "b"]);
    }

    #[test]
    fn a_source_that_fails_says_where() {
        let input = format!("{}\n{}\n", export("a"), export("b"));
        assert_eq!(read(input.as_bytes(), 10, true), ["a", "b", "the disk is gone after line 2"]);
    }
}
