//! What does a quota do to a cell? Prints two tables: response to the ATP quota and to the ribosome quota.
//!
//! 10 cells each with common seeds, the first 105 simulated minutes from birth; takes about 20 s of computing.
#![allow(clippy::print_stdout, reason = "the tables are the result")]

use std::sync::Arc;

use bioxen_benches::{cell, full_grant, minutes};
use bioxen_core::{AtpPercent, Quota, RibosomeCount};
use bioxen_hypervisor::{Cell, CellModel};

const CELLS: u32 = 10;
const SPAN_MIN: u64 = 105;

/// Proteins made, growth rate in 1/h, and mean energy charge of one cell.
type Reading = [f64; 3];

fn main() {
    let model = Arc::new(CellModel::syn3a());
    let full = ensemble(&model, full_grant());
    println!(
        "{:>8} | {:>12} | {:>8} | {:>12} | {:>13}",
        "ATP %", "protein rate", "± se", "growth, 1/h", "energy charge"
    );
    for percent in [100, 90, 80, 70, 60, 50, 40, 30, 20, 10, 0] {
        let atp = AtpPercent::from_hundredths(percent * 100).expect("at most 100 percent");
        row(
            &percent.to_string(),
            &full,
            &ensemble(
                &model,
                Quota {
                    atp,
                    ..full_grant()
                },
            ),
        );
    }
    println!();
    println!(
        "{:>8} | {:>12} | {:>8} | {:>12} | {:>13}",
        "units/15", "protein rate", "± se", "growth, 1/h", "energy charge"
    );
    for units in (0..=15).rev() {
        let ribosomes = RibosomeCount::new(units);
        row(
            &units.to_string(),
            &full,
            &ensemble(
                &model,
                Quota {
                    ribosomes,
                    ..full_grant()
                },
            ),
        );
    }
}

fn row(label: &str, full: &[Reading], here: &[Reading]) {
    let (reference, _) = mean(full, 0);
    let (made, error) = mean(here, 0);
    let ((growth, _), (charge, _)) = (mean(here, 1), mean(here, 2));
    let (rate, error) = (made / reference, error / reference);
    println!("{label:>8} | {rate:>12.3} | {error:>8.3} | {growth:>12.3} | {charge:>13.3}");
}

fn ensemble(model: &Arc<CellModel>, quota: Quota) -> Vec<Reading> {
    (0..CELLS)
        .map(|n| follow(cell(model, &format!("cell-{n}"), quota)))
        .collect()
}

fn follow(mut cell: Cell) -> Reading {
    let born = cell.sample().proteins as f64;
    let mut charge = 0.0;
    for minute in 1..=SPAN_MIN {
        cell.advance_to(minutes(minute));
        charge += cell.sample().energy_charge;
    }
    let made = finished_proteins(&cell);
    let growth = (made / born).ln_1p() * 60.0 / SPAN_MIN as f64;
    [made, growth, charge / SPAN_MIN as f64]
}

fn finished_proteins(cell: &Cell) -> f64 {
    cell.events()
        .iter()
        .find(|(class, _)| *class == "translation_finished")
        .map_or(0.0, |(_, n)| *n as f64)
}

/// Mean and standard error over cells.
fn mean(readings: &[Reading], which: usize) -> (f64, f64) {
    let n = f64::from(CELLS);
    let mean = readings.iter().map(|r| r[which]).sum::<f64>() / n;
    let variance = readings
        .iter()
        .map(|r| (r[which] - mean).powi(2))
        .sum::<f64>()
        / (n - 1.0);
    (mean, (variance / n).sqrt())
}
