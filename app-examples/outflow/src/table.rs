//! Tables of text.

use std::fmt;

use comfy_table::{CellAlignment, ContentArrangement};

/// No lines but one under the headings.
const UNDERLINED_HEADINGS: &str = "     ──            ";

/// A table with headings. On a terminal it fits the width; elsewhere a row is a line.
pub(crate) struct Table(comfy_table::Table);

impl Table {
    pub(crate) fn new<'a>(headings: impl IntoIterator<Item = &'a str>) -> Self {
        let mut table = comfy_table::Table::new();
        table
            .load_preset(UNDERLINED_HEADINGS)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_header(headings);
        Self(table)
    }

    /// A table of counts: all columns but the first so many are read from their right end.
    pub(crate) fn of_counts<'a>(headings: impl IntoIterator<Item = &'a str>, names: usize) -> Self {
        let mut table = Self::new(headings);
        for column in table.0.column_iter_mut().skip(names) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        table
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.0.add_row(cells);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.trim_fmt())
    }
}

/// A count with its thousands apart: `12,345`.
pub(crate) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_apart() {
        assert_eq!(
            [0, 999, 1_000, 12_345, 1_234_567].map(grouped),
            ["0", "999", "1,000", "12,345", "1,234,567"]
        );
    }
}
