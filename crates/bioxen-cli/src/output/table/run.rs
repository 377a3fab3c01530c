//! A run as a summary: what was run, how the cells are, what they spent, what it cost.

use std::fmt::Display;
use std::io::{self, Write};

use bioxen::{RibosomeUnit, Vitality};

use super::{fixed, number, organism, with_error};
use crate::report::{CellReport, Grant, RunReport};

/// Writes a run.
pub(crate) fn write_run(report: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    write_header(report, out)?;
    writeln!(out)?;
    write_state(&report.cells, out)?;
    writeln!(out)?;
    write_energy(&report.cells, out)?;
    writeln!(out)?;
    write_events(&report.cells, out)?;
    writeln!(out)?;
    write_timing(report, out)
}

/// One line: a name and what there is to say.
pub(super) fn row(out: &mut dyn Write, name: &str, value: &str) -> io::Result<()> {
    writeln!(out, "  {name:<24}{value}")
}

fn write_header(report: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    let cells = match report.cells.len() {
        1 => "1 cell".to_owned(),
        n => format!("{n} cells"),
    };
    let organism = report.organism.display_name();
    writeln!(out, "{organism}, {cells}, {}", report.goal)?;
    if report.partial {
        writeln!(out, "PARTIAL: interrupted before the goal was reached")?;
    }
    if !report.lost.is_empty() {
        let lost: Vec<String> = report.lost.keys().map(ToString::to_string).collect();
        writeln!(out, "FAILED and left out: {}", lost.join(", "))?;
    }
    row(out, "seed", &report.seed.to_string())?;
    row(out, "ATP quota", &atp_quota(report))?;
    row(out, "ribosome quota", &ribosome_quota(&report.quota))?;
    row(out, "pacing", "as fast as this machine computes")?;
    if report.cells.len() > 1 {
        row(out, "figures", "mean ± standard deviation over the cells")?;
    }
    Ok(())
}

fn atp_quota(report: &RunReport) -> String {
    let atp = report.quota.quota.atp;
    let granted = spread(&report.cells, |cell| cell.spent_per_s(cell.granted));
    format!("{atp} of regeneration, {granted} ATP/s on average")
}

fn ribosome_quota(grant: &Grant) -> String {
    let units = match grant.quota.unit {
        RibosomeUnit::Share => format!("{} of {} units", grant.quota.ribosomes, grant.full_units),
        RibosomeUnit::Physical => format!("{} ribosomes", grant.quota.ribosomes),
    };
    format!(
        "{units}, {} of {} molecules at birth",
        grant.cap_at_birth, grant.ribosomes_at_birth
    )
}

fn write_state(cells: &[CellReport], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "Cells at the end")?;
    let all = |of: fn(&CellReport) -> f64| spread(cells, of);
    row(out, "simulated time", &simulated(cells))?;
    row(
        out,
        "generations",
        &whole(cells, |cell| f64::from(cell.metrics.generation)),
    )?;
    row(out, "division times", &divisions(cells))?;
    row(out, "status", &statuses(cells))?;
    row(
        out,
        "growth rate",
        &format!("{} 1/h", all(|cell| cell.metrics.growth_rate_per_h)),
    )?;
    row(
        out,
        "energy charge",
        &all(|cell| cell.metrics.energy_charge),
    )?;
    row(
        out,
        "ATP level",
        &format!("{} % of reference", all(|cell| cell.usage.atp_percent)),
    )?;
    row(
        out,
        "volume",
        &format!("{} aL", all(|cell| cell.metrics.volume_al)),
    )?;
    row(
        out,
        "proteins",
        &whole(cells, |cell| cell.metrics.protein_total.get() as f64),
    )?;
    row(
        out,
        "mRNA",
        &whole(cells, |cell| cell.metrics.mrna_total.get() as f64),
    )?;
    let ribosomes = [
        whole(cells, |cell| cell.usage.ribosomes_translating.get() as f64),
        whole(cells, |cell| {
            let free = cell
                .usage
                .ribosomes_total
                .get()
                .saturating_sub(cell.usage.ribosomes_translating.get());
            free as f64
        }),
        whole(cells, |cell| cell.usage.ribosome_cap.get() as f64),
    ];
    let [working, free, cap] = ribosomes;
    row(
        out,
        "ribosomes",
        &format!("{working} working, {free} free, cap {cap}"),
    )?;
    organism::write_rows(cells, out)
}

/// In minutes, or in seconds while there are few of them.
fn simulated(cells: &[CellReport]) -> String {
    if cells.iter().all(|cell| cell.seconds() < 120.0) {
        format!("{} s", spread(cells, CellReport::seconds))
    } else {
        format!("{} min", spread(cells, |cell| cell.seconds() / 60.0))
    }
}

fn divisions(cells: &[CellReport]) -> String {
    let last = cells
        .iter()
        .map(|cell| cell.divisions.len())
        .max()
        .unwrap_or(0);
    if last == 0 {
        return "none".to_owned();
    }
    let mut times = Vec::new();
    for n in 0..last {
        let reached: Vec<f64> = cells
            .iter()
            .filter_map(|cell| cell.divisions.get(n))
            .map(|time| time.seconds() / 60.0)
            .collect();
        let mut time = mean_and_deviation(&reached, |value| fixed(value, 1));
        if reached.len() < cells.len() {
            time.push_str(&format!(" ({} of {} cells)", reached.len(), cells.len()));
        }
        times.push(time);
    }
    format!("{} min", times.join(", "))
}

fn statuses(cells: &[CellReport]) -> String {
    tally(Vitality::ALL, cells.iter().map(|cell| cell.vitality))
}

/// How many cells are so, for each of all that they can be; for one cell, how it is.
pub(super) fn tally<T: Copy + PartialEq + Display, const N: usize>(
    all: [T; N],
    found: impl Iterator<Item = T>,
) -> String {
    let found: Vec<T> = found.collect();
    let counted: Vec<String> = all
        .into_iter()
        .map(|one| (one, found.iter().filter(|other| **other == one).count()))
        .filter(|(_, n)| *n > 0)
        .map(|(one, n)| match found.len() {
            1 => one.to_string(),
            _ => format!("{n} {one}"),
        })
        .collect();
    counted.join(", ")
}

fn write_energy(cells: &[CellReport], out: &mut dyn Write) -> io::Result<()> {
    let rate = spread(cells, |cell| cell.spent_per_s(cell.spent_in_all()));
    writeln!(out, "ATP spent since birth: {rate} ATP/s")?;
    let causes = cells
        .first()
        .map(|cell| cell.spent.as_slice())
        .unwrap_or_default();
    for (n, (cause, _)) in causes.iter().enumerate() {
        let of_cause = |cell: &CellReport| cell.spent.get(n).map_or(0, |(_, spent)| *spent);
        let shares: Vec<f64> = cells
            .iter()
            .map(|cell| 100.0 * of_cause(cell) as f64 / cell.spent_in_all().max(1) as f64)
            .collect();
        let rates: Vec<f64> = cells
            .iter()
            .map(|cell| cell.spent_per_s(of_cause(cell)))
            .collect();
        let share = mean_and_deviation(&shares, |value| fixed(value, 1));
        let rate = mean_and_deviation(&rates, |value| fixed(value, 0));
        row(
            out,
            &cause.replace('_', " "),
            &format!("{share:>12} %  {rate:>16} ATP/s"),
        )?;
    }
    Ok(())
}

fn write_events(cells: &[CellReport], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "Events since birth")?;
    let classes = cells
        .first()
        .map(|cell| cell.events.as_slice())
        .unwrap_or_default();
    for (n, (class, _)) in classes.iter().enumerate() {
        let counts: Vec<f64> = cells
            .iter()
            .map(|cell| cell.events.get(n).map_or(0, |(_, count)| *count) as f64)
            .collect();
        let count = mean_and_deviation(&counts, counted);
        row(out, &class.replace('_', " "), &format!("{count:>12}"))?;
    }
    Ok(())
}

fn write_timing(report: &RunReport, out: &mut dyn Write) -> io::Result<()> {
    let timing = &report.timing;
    let cpu = timing
        .cpu_s
        .map_or(String::new(), |cpu| format!(", {cpu:.2} s of processors"));
    writeln!(
        out,
        "Computed in {:.2} s{cpu}, {} events/s, threads: {}",
        timing.wall_s,
        fixed(timing.events_per_s, 0),
        report.threads
    )
}

/// A measured value over the cells.
fn spread(cells: &[CellReport], of: impl Fn(&CellReport) -> f64) -> String {
    let values: Vec<f64> = cells.iter().map(of).collect();
    mean_and_deviation(&values, number)
}

/// A count over the cells.
fn whole(cells: &[CellReport], of: impl Fn(&CellReport) -> f64) -> String {
    let values: Vec<f64> = cells.iter().map(of).collect();
    mean_and_deviation(&values, counted)
}

pub(super) fn counted(value: f64) -> String {
    fixed(value, 0)
}

/// One value as `show` has it, several with the decimals that their spread is worth: two digits of it.
pub(super) fn mean_and_deviation(values: &[f64], show: impl Fn(f64) -> String) -> String {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let deviation = (squares / (n - 1.0)).sqrt();
    if values.len() < 2 {
        show(mean)
    } else if deviation > 0.0 {
        with_error(mean, deviation)
    } else {
        format!("{} ± 0", show(mean))
    }
}

#[cfg(test)]
mod tests {
    use super::{counted, mean_and_deviation};
    use crate::output::table::number;

    #[test]
    fn decimals_follow_the_spread() {
        assert_eq!(mean_and_deviation(&[33.512], number), "33.5");
        assert_eq!(mean_and_deviation(&[33.1, 33.5], number), "33.30 ± 0.28");
        assert_eq!(
            mean_and_deviation(&[250.0, 251.0, 256.0], counted),
            "252.3 ± 3.2"
        );
        assert_eq!(
            mean_and_deviation(&[90_000.0, 94_000.0], counted),
            "92,000 ± 2,828"
        );
        assert_eq!(mean_and_deviation(&[2.0, 2.0], counted), "2 ± 0");
    }
}
