//! JCVI-syn3A against the published figures: one cycle of the published newborn, and some lineages.

mod expression;

use bioxen_core::Organism;

use self::expression::{
    gene_ratios, half_lives, log_transcripts, mean_ratio, ratio_correlation, transcripts,
};
use super::cycle::{CellCycle, begins_lineage, follow};
use super::experiment::{Experiment, Row, Watch};
use super::statistics::{correlation, deviation, extreme, mean, median, statistic};
use crate::cell::CellModel;
use crate::genome::TargetUse;

pub(super) const EXPERIMENT: Experiment<CellCycle> = Experiment {
    organism: Organism::Syn3a,
    model: CellModel::syn3a,
    watches: &[Watch {
        name: "cell",
        settings: 1,
        follow: |cell, n, stop| follow(cell, begins_lineage(n), stop),
    }],
    protocol: "from birth to division",
    rows,
};

/// What S09 to S11 are compared at.
const AT_93: &str = "at 93.05 min, the time of the published state";

/// Of the same figures at the end of the cycle, for those who compare whole cycles.
const NOT_AT_93: &str = "published at 93.05 min";

type Figure = Row<CellCycle>;

fn rows() -> Vec<Figure> {
    vec![
    // Growth and replication.
    Figure::new("S01", |seen| seen.mean_of_some(|c| c.lineage_min)).note(
        "between the second and the sixth division of 12 in 48 cells; lipid flux and energy gate are fitted to it",
    ),
    Figure::new("S01", |seen| seen.mean_if_all(|c| c.division_min))
        .quantity("first division of a newborn as published")
        .again("b", TargetUse::Fitted)
        .note("the published newborn is not the newborn of a lineage here"),
    Figure::new("S13", |seen| seen.mean(|c| c.at_93_min.surface)).note("as S01"),
    Figure::new("S14", |seen| seen.mean_if_all(|c| c.volume_doubled_min))
        .published("70 to 95")
        .note("as S01; the published cell is known to be past it at 93 min"),
    Figure::new("S15a", |seen| seen.mean(|c| c.replication_min.0))
        .note("the mean wait is given to the model"),
    Figure::new("S15b", |seen| seen.mean(|c| c.replication_min.1)),
    // Proteins.
    Figure::new("S03", |seen| seen.mean(|c| mean_ratio(&seen.model, c))),
    Figure::new("S04a", |seen| statistic(deviation(&gene_ratios(seen)))),
    Figure::new("S04b", |seen| {
        statistic(extreme(&gene_ratios(seen), f64::min))
    }),
    Figure::new("S04c", |seen| {
        statistic(extreme(&gene_ratios(seen), f64::max))
    }),
    Figure::new("S04d", |seen| statistic(ratio_correlation(seen)))
        .note("no tolerance is published; above one half is asked for"),
    Figure::new("S09", |seen| seen.mean(|c| c.at_93_min.proteins_made)).note(AT_93),
    Figure::new("S09", |seen| seen.mean(|c| c.at_end.proteins_made))
        .quantity("proteins made in the whole cycle")
        .again("b", TargetUse::Info)
        .note(NOT_AT_93),
    Figure::new("S12", |seen| seen.mean(|c| c.at_93_min.ribosomes)),
    Figure::new("S12", |seen| seen.mean(|c| c.at_end.ribosomes))
        .quantity("ribosomes at division")
        .again("b", TargetUse::Info)
        .note(NOT_AT_93),
    // Transcripts.
    Figure::new("S05", |seen| seen.mean(|c| c.mrna_total[1])),
    Figure::new("S06", |seen| statistic(mean(transcripts(seen).into_iter()))),
    Figure::new("S07", |seen| {
        let (simulated, published) = log_transcripts(seen);
        statistic(correlation(&simulated, &published))
    }),
    Figure::new("S08", |seen| statistic(median(half_lives(seen)))),
    Figure::new("S10", |seen| seen.mean(|c| c.at_93_min.mrna_made)).note(AT_93),
    Figure::new("S10", |seen| seen.mean(|c| c.at_end.mrna_made))
        .quantity("mRNAs made in the whole cycle")
        .again("b", TargetUse::Info)
        .note(NOT_AT_93),
    Figure::new("S11", |seen| seen.mean(|c| c.at_93_min.mrna_decayed)).note(AT_93),
    Figure::new("S11", |seen| seen.mean(|c| c.at_end.mrna_decayed))
        .quantity("mRNAs decayed in the whole cycle")
        .again("b", TargetUse::Info)
        .note(NOT_AT_93),
    // Energy.
    Figure::new("S16", |seen| seen.mean(|c| c.energy_charge))
        .quantity("adenylate energy charge, cycle mean")
        .note("published for the start; decided by fitted capacity and maintenance"),
    Figure::new("S17a", |seen| seen.mean(|c| share(c, &["maintenance"]))).note("fitted"),
    Figure::new("S17b", |seen| seen.mean(|c| share(c, &["translation"]))),
    Figure::new("S17c", |seen| seen.mean(|c| share(c, &["charging"]))),
    Figure::new("S17d", |seen| {
        seen.mean(|c| 100.0 * kept_in_rna(c) / spent(c))
    })
    .note("the published optimum recycles RNA without turnover, so only lasting RNA is comparable"),
    Figure::new("S17e", |seen| {
        seen.mean(|c| share(c, &["amino_acid_import", "translocation"]))
    }),
    Figure::new("S17f", |seen| {
        seen.mean(|c| share(c, &["nucleoside_salvage", "dntp_synthesis"]))
    }),
    Figure::new("S17g", |seen| seen.mean(|c| share(c, &["replication"]))),
    Figure::new("S17h", |seen| {
        seen.mean(|c| 100.0 * (spent_on(c, &RNA) - kept_in_rna(c)) / spent(c))
    })
    .note("no counterpart in the published optimum"),
    Figure::new("S18", |seen| seen.mean(spent)).note("decided by fitted capacity and maintenance"),
]
}

/// What making and taking apart RNA is booked as.
const RNA: [&str; 3] = ["transcription", "transcription_unwinding", "mrna_decay"];

/// ATP-equivalents per second, of all causes.
fn spent(cycle: &CellCycle) -> f64 {
    cycle.spent_per_s.iter().map(|(_, n)| n).sum()
}

fn spent_on(cycle: &CellCycle, causes: &[&str]) -> f64 {
    cycle
        .spent_per_s
        .iter()
        .filter(|(cause, _)| causes.contains(cause))
        .map(|(_, n)| n)
        .sum()
}

/// Percent of the ATP-equivalents that went to these causes.
fn share(cycle: &CellCycle, causes: &[&str]) -> f64 {
    100.0 * spent_on(cycle, causes) / spent(cycle)
}

/// ATP-equivalents per second in RNA that lasts: three bonds for each nucleotide that the cell has more in RNA at the
/// end, two of the NTP and one for unwinding.
fn kept_in_rna(cycle: &CellCycle) -> f64 {
    3.0 * cycle.rna_growth_nt / cycle.seconds()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validation::experiment::check_rows;

    #[test]
    fn every_figure_that_proves_something_is_measured() {
        check_rows(&EXPERIMENT);
    }
}
