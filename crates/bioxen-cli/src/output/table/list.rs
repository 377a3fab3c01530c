//! Lists from the tables of an organism.

use std::io::{self, Write};

use comfy_table::{Cell, CellAlignment, Table, presets};

use crate::output::list::{Entry, List};

/// Writes rows, one a line, and how many there are.
pub(crate) fn write_list<T>(list: &List<'_, T>, out: &mut dyn Write) -> io::Result<()> {
    if !list.rows.is_empty() {
        let mut table = Table::new();
        table
            .load_style(presets::NOTHING)
            .set_header(list.columns.iter().map(|column| column.title));
        for entries in list.entries() {
            table.add_row(entries.iter().map(|entry| {
                let cell = Cell::new(entry.text());
                match entry {
                    Entry::Number(_) => cell.set_alignment(CellAlignment::Right),
                    Entry::Text(_) | Entry::Several(_) | Entry::Missing(()) => cell,
                }
            }));
        }
        for line in table.lines() {
            writeln!(out, "{}", line.trim())?;
        }
    }
    match list.rows.len() {
        1 => writeln!(out, "1 {}", list.noun),
        n => writeln!(out, "{n} {}s", list.noun),
    }
}
