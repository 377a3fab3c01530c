//! Simulated cells beside published figures.

use std::io::{self, Write};

use bioxen::genome::TargetUse;
use bioxen::validation::{ValidationReport, ValidationRow, Verdict};
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};

use super::{number, with_error};

/// Width of the table, characters; the same on a terminal and in a file.
const WIDTH: u16 = 120;

/// Writes a validation.
pub(crate) fn write_validation(report: &ValidationReport, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{}, {} cells {}, seed {}",
        report.organism.display_name(),
        report.cells,
        report.protocol,
        report.seed
    )?;
    writeln!(
        out,
        "simulated: mean ± standard error of the mean over the cells\n"
    )?;
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(WIDTH)
        .set_header([
            "id",
            "quantity",
            "unit",
            "published",
            "simulated",
            "tolerance",
            "verdict",
            "source",
        ]);
    for row in &report.rows {
        table.add_row([
            Cell::new(&row.id),
            Cell::new(&row.quantity),
            Cell::new(&row.unit),
            Cell::new(&row.published),
            Cell::new(simulated(row)).set_alignment(CellAlignment::Right),
            Cell::new(&row.tolerance),
            Cell::new(verdict(row)),
            Cell::new(&row.source),
        ]);
    }
    for line in table.lines() {
        writeln!(
            out,
            "{}",
            line.trim_end().strip_prefix(' ').unwrap_or_default()
        )?;
    }
    write_notes(report, out)?;
    let (passed, counted) = tally(report);
    writeln!(out, "\n{passed} of {counted} figures that count are met")?;
    writeln!(
        out,
        "not counted: (fitted) a constant was chosen to meet it, (input) the model is given it, (info) it has no counterpart"
    )
}

/// Figures met and figures that count.
fn tally(report: &ValidationReport) -> (usize, usize) {
    let with = |verdict| {
        report
            .rows
            .iter()
            .filter(|row| row.verdict == verdict)
            .count()
    };
    let passed = with(Verdict::Pass);
    (passed, passed + with(Verdict::Fail))
}

fn write_notes(report: &ValidationReport, out: &mut dyn Write) -> io::Result<()> {
    let mut noted = report
        .rows
        .iter()
        .filter(|row| !row.note.is_empty())
        .peekable();
    if noted.peek().is_some() {
        writeln!(out, "\nNotes")?;
    }
    for row in noted {
        writeln!(out, "  {:<5} {}", row.id, row.note)?;
    }
    Ok(())
}

fn simulated(row: &ValidationRow) -> String {
    if !row.simulated.is_finite() {
        return "-".to_owned();
    }
    match row.standard_error {
        Some(error) if error > 0.0 => with_error(row.simulated, error),
        _ => number(row.simulated),
    }
}

/// Whether the row is met, or why it does not count and whether it would be met.
fn verdict(row: &ValidationRow) -> String {
    let outside = match row.verdict {
        Verdict::NotCounted if !row.within && row.simulated.is_finite() => ", outside",
        Verdict::NotCounted | Verdict::Pass | Verdict::Fail => "",
    };
    let word = match (row.verdict, row.usage) {
        (Verdict::Pass, _) => "pass",
        (Verdict::Fail, _) => "FAIL",
        (Verdict::NotCounted, TargetUse::Fitted) => "(fitted)",
        (Verdict::NotCounted, TargetUse::Input) => "(input)",
        (Verdict::NotCounted, TargetUse::Info | TargetUse::Counted) => "(info)",
    };
    format!("{word}{outside}")
}
