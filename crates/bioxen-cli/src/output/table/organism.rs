//! The lines of a summary that only cells of one organism have.

use std::io::{self, Write};

use bioxen::{
    BiologicalMetrics, EcoliMetrics, GrowthPhase, MinimalCellMetrics, OrganismMetrics, Syn3aMetrics,
};

use super::number;
use super::run::{counted, mean_and_deviation, row, tally};
use crate::report::CellReport;

/// Writes what the metrics of the organism have beyond those of every cell.
pub(super) fn write_rows(cells: &[CellReport], out: &mut dyn Write) -> io::Result<()> {
    let (mut syn3a, mut minimal_cell, mut ecoli) = (Vec::new(), Vec::new(), Vec::new());
    for cell in cells {
        match &cell.metrics.organism {
            OrganismMetrics::Syn3a(metrics) => syn3a.push(metrics),
            OrganismMetrics::MinimalCell(metrics) => minimal_cell.push(metrics),
            OrganismMetrics::Ecoli(metrics) => ecoli.push((&cell.metrics, metrics)),
            _ => {}
        }
    }
    write_syn3a(&syn3a, out)?;
    write_minimal_cell(&minimal_cell, out)?;
    write_ecoli(&ecoli, out)
}

fn write_syn3a(cells: &[&Syn3aMetrics], out: &mut dyn Write) -> io::Result<()> {
    let Some(first) = cells.first() else {
        return Ok(());
    };
    let active = |of: fn(&Syn3aMetrics) -> u32| {
        let counts: Vec<f64> = cells.iter().map(|m| f64::from(of(m))).collect();
        mean_and_deviation(&counts, counted)
    };
    let genes = format!(
        "{} of {} ({} of {} with quasi-essential and RNA genes)",
        active(|m| m.essential_genes_count),
        first.essential_genes_total,
        active(|m| m.essential_and_quasi_count),
        first.essential_and_quasi_total,
    );
    row(out, "essential genes active", &genes)
}

fn write_minimal_cell(cells: &[&MinimalCellMetrics], out: &mut dyn Write) -> io::Result<()> {
    let Some(first) = cells.first() else {
        return Ok(());
    };
    let over = |of: &dyn Fn(&MinimalCellMetrics) -> f64| {
        let values: Vec<f64> = cells.iter().map(|m| of(m)).collect();
        mean_and_deviation(&values, number)
    };
    let efficiency = over(&|m| m.efficiency);
    row(
        out,
        "efficiency",
        &format!("{efficiency} of the growth of the reference"),
    )?;
    for function in first.function_efficiency.keys() {
        let efficiency = over(&|m| m.function_efficiency.get(function).copied().unwrap_or(0.0));
        let works = cells
            .iter()
            .filter(|m| m.basic_functions.contains(function))
            .count();
        let note = match (works, cells.len()) {
            (works, all) if works == all => String::new(),
            (_, 1) => ", does not work".to_owned(),
            (works, all) => format!(", works in {works} of {all} cells"),
        };
        row(
            out,
            &function.replace('_', " "),
            &format!("{efficiency} of its reference{note}"),
        )?;
    }
    Ok(())
}

fn write_ecoli(
    cells: &[(&BiologicalMetrics, &EcoliMetrics)],
    out: &mut dyn Write,
) -> io::Result<()> {
    let Some((_, first)) = cells.first() else {
        return Ok(());
    };
    let over = |of: fn(&EcoliMetrics) -> f64, show: fn(f64) -> String| {
        let values: Vec<f64> = cells.iter().map(|(_, m)| of(m)).collect();
        mean_and_deviation(&values, show)
    };
    let phases = cells.iter().map(|(_, m)| m.growth_phase);
    row(out, "growth phase", &tally(GrowthPhase::ALL, phases))?;
    row(out, "doubling time", &doubling(cells))?;
    let ppgpp = over(|m| m.ppgpp, number);
    row(out, "ppGpp", &format!("{ppgpp} pmol per µg of protein"))?;
    let all = counted(first.operons_active.len() as f64);
    let active = over(
        |m| m.operons_active.values().filter(|active| **active).count() as f64,
        counted,
    );
    row(out, "operons active", &format!("{active} of {all}"))?;
    row(out, "plasmids", &over(|m| f64::from(m.plasmids), counted))
}

/// Time in which protein doubles at the present rate, of the cells that grow.
fn doubling(cells: &[(&BiologicalMetrics, &EcoliMetrics)]) -> String {
    let minutes: Vec<f64> = cells
        .iter()
        .map(|(metrics, _)| 60.0 * std::f64::consts::LN_2 / metrics.growth_rate_per_h)
        .filter(|minutes| minutes.is_finite() && *minutes > 0.0)
        .collect();
    match (minutes.len(), cells.len()) {
        (0, _) => "none, no growth".to_owned(),
        (n, all) => {
            let time = mean_and_deviation(&minutes, number);
            let part = if n == all {
                String::new()
            } else {
                format!(" ({n} of {all} cells)")
            };
            format!("{time} min at the present growth rate{part}")
        }
    }
}
