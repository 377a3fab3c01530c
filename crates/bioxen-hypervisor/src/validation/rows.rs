//! Each published figure and the simulated one that it stands for.

use super::cycle::CellCycle;
use super::report::{ValidationRow, Verdict};
use super::statistics::{
    Simulated, correlation, deviation, extreme, mean, over_cells, over_some, statistic,
};
use crate::cell::CellModel;
use crate::genome::{GeneKind, Target, TargetUse, Targets};

/// One comparison: which target, which part of it, and what is accepted.
struct Comparison {
    target: &'static str,
    /// Letter of the part of a target that lists several figures.
    part: &'static str,
    quantity: &'static str,
    published: &'static str,
    band: (f64, f64),
    usage: TargetUse,
    simulated: Simulated,
    note: &'static str,
}

/// What S09 to S11 are compared at.
const AT_93: &str = "at 93.05 min, the time of the published state";

/// All rows, in the order of the table of targets.
pub(super) fn rows(
    targets: &Targets,
    model: &CellModel,
    cycles: &[CellCycle],
) -> Vec<ValidationRow> {
    let mut comparisons = growth(cycles);
    comparisons.extend(proteome(model, cycles));
    comparisons.extend(transcriptome(model, cycles));
    comparisons.extend(energy(cycles));
    let mut rows: Vec<ValidationRow> = comparisons
        .into_iter()
        .filter_map(|c| row(targets, c))
        .collect();
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    rows
}

fn row(targets: &Targets, c: Comparison) -> Option<ValidationRow> {
    let target: &Target = targets.find(c.target)?;
    let (low, high) = c.band;
    let within = c.simulated.value >= low && c.simulated.value <= high;
    let verdict = match (c.usage, within) {
        (TargetUse::Counted, true) => Verdict::Pass,
        (TargetUse::Counted, false) => Verdict::Fail,
        _ => Verdict::NotCounted,
    };
    Some(ValidationRow {
        id: format!("{}{}", c.target, c.part),
        quantity: if c.quantity.is_empty() {
            target.quantity.clone()
        } else {
            c.quantity.to_owned()
        },
        unit: target.unit.clone(),
        published: if c.published.is_empty() {
            target.value.clone()
        } else {
            c.published.to_owned()
        },
        source: target.source.clone(),
        simulated: c.simulated.value,
        standard_error: c.simulated.standard_error,
        tolerance: format!("{} to {}", short(low), short(high)),
        within,
        usage: c.usage,
        verdict,
        note: c.note.to_owned(),
    })
}

fn growth(cycles: &[CellCycle]) -> Vec<Comparison> {
    let fitted = |target, part, quantity, published, band, simulated, note| Comparison {
        target,
        part,
        quantity,
        published,
        band,
        usage: TargetUse::Fitted,
        simulated,
        note,
    };
    vec![
        fitted(
            "S01",
            "",
            "",
            "",
            (99.75, 110.25),
            over_some(cycles, |c| c.lineage_min),
            "between the second and the sixth division of 12 in 48 cells; lipid flux and energy gate are fitted to it",
        ),
        fitted(
            "S01",
            "b",
            "first division of a newborn as published",
            "",
            (99.75, 110.25),
            over_cells(cycles, |c| c.division_min),
            "the published newborn is not the newborn of a lineage here",
        ),
        fitted(
            "S13",
            "",
            "",
            "",
            (1.843, 2.037),
            over_cells(cycles, |c| Some(c.at_93_min.surface)),
            "as S01",
        ),
        fitted(
            "S14",
            "",
            "",
            "70 to 95",
            (70.0, 95.0),
            over_cells(cycles, |c| c.volume_doubled_min),
            "as S01; the published cell is known to be past it at 93 min",
        ),
        Comparison {
            target: "S15",
            part: "a",
            quantity: "replication initiation after birth",
            published: "8",
            band: (5.6, 10.4),
            usage: TargetUse::Input,
            simulated: over_cells(cycles, |c| Some(c.replication_min.0)),
            note: "the mean wait is given to the model",
        },
        Comparison {
            target: "S15",
            part: "b",
            quantity: "duration of replication",
            published: "50",
            band: (35.0, 65.0),
            usage: TargetUse::Counted,
            simulated: over_cells(cycles, |c| Some(c.replication_min.1)),
            note: "",
        },
    ]
}

/// The same figure at the end of the cycle, for those who compare whole cycles.
fn at_end(
    target: &'static str,
    quantity: &'static str,
    band: (f64, f64),
    simulated: Simulated,
) -> Comparison {
    Comparison {
        target,
        part: "b",
        quantity,
        published: "",
        band,
        usage: TargetUse::Info,
        simulated,
        note: "published at 93.05 min",
    }
}

fn counted(
    target: &'static str,
    band: (f64, f64),
    simulated: Simulated,
    note: &'static str,
) -> Comparison {
    Comparison {
        target,
        part: "",
        quantity: "",
        published: "",
        band,
        usage: TargetUse::Counted,
        simulated,
        note,
    }
}

fn proteome(model: &CellModel, cycles: &[CellCycle]) -> Vec<Comparison> {
    let genes = protein_genes(model);
    let ratios: Vec<f64> = genes
        .iter()
        .map(|&g| {
            mean(
                cycles
                    .iter()
                    .map(|c| f64::from(c.proteins_end[g]) / f64::from(c.proteins_birth[g].max(1))),
            )
        })
        .collect();
    let published: Vec<f64> = genes
        .iter()
        .map(|&g| {
            model.genome().genes()[g]
                .scaled_abundance_published
                .unwrap_or(f64::NAN)
        })
        .collect();
    let part = |part, quantity, published, band, value| Comparison {
        target: "S04",
        part,
        quantity,
        published,
        band,
        usage: TargetUse::Counted,
        simulated: statistic(value),
        note: "",
    };
    let ratio_of = |c: &CellCycle| {
        Some(mean(genes.iter().map(|&g| {
            f64::from(c.proteins_end[g]) / f64::from(c.proteins_birth[g].max(1))
        })))
    };
    vec![
        counted("S03", (1.9, 2.2), over_cells(cycles, ratio_of), ""),
        part(
            "a",
            "standard deviation over genes of that ratio",
            "0.186",
            (0.0, 0.35),
            deviation(&ratios),
        ),
        part(
            "b",
            "smallest ratio of a gene",
            "1.46",
            (1.2, 3.5),
            extreme(&ratios, f64::min),
        ),
        part(
            "c",
            "largest ratio of a gene",
            "2.70",
            (1.2, 3.5),
            extreme(&ratios, f64::max),
        ),
        Comparison {
            note: "no tolerance is published; above one half is asked for",
            ..part(
                "d",
                "correlation over genes of that ratio with the published one",
                "1",
                (0.5, 1.0),
                correlation(&ratios, &published),
            )
        },
        counted(
            "S09",
            (80_906.0, 109_460.0),
            over_cells(cycles, |c| Some(c.at_93_min.proteins_made)),
            AT_93,
        ),
        at_end(
            "S09",
            "proteins made in the whole cycle",
            (80_906.0, 109_460.0),
            over_cells(cycles, |c| Some(c.at_end.proteins_made)),
        ),
        at_end(
            "S12",
            "ribosomes at division",
            (824.0, 1008.0),
            over_cells(cycles, |c| Some(c.at_end.ribosomes)),
        ),
        counted(
            "S12",
            (824.0, 1008.0),
            over_cells(cycles, |c| Some(c.at_93_min.ribosomes)),
            "",
        ),
    ]
}

fn transcriptome(model: &CellModel, cycles: &[CellCycle]) -> Vec<Comparison> {
    let genes = protein_genes(model);
    let mrna: Vec<f64> = genes
        .iter()
        .map(|&g| mean(cycles.iter().map(|c| c.mrna_mean[g])))
        .collect();
    let published: Vec<f64> = genes
        .iter()
        .map(|&g| {
            model.genome().genes()[g]
                .mean_mrna_published
                .unwrap_or(f64::NAN)
        })
        .collect();
    let logs = |values: &[f64]| {
        values
            .iter()
            .map(|v| libm::log(f64::max(*v, 1e-6)))
            .collect::<Vec<f64>>()
    };
    let speed = model.constants.degradosome_speed;
    let mut half_lives: Vec<f64> = genes
        .iter()
        .zip(&mrna)
        .map(|(&g, transcripts)| {
            let decaying = mean(cycles.iter().map(|c| c.decaying_mean[g]));
            let per_s = decaying * speed / f64::from(model.units[g].length_nt().max(1));
            std::f64::consts::LN_2 * transcripts / per_s / 60.0
        })
        .collect();
    half_lives.sort_unstable_by(f64::total_cmp);
    let median = half_lives
        .get(half_lives.len() / 2)
        .copied()
        .unwrap_or(f64::NAN);
    vec![
        counted(
            "S05",
            (225.0, 525.0),
            over_cells(cycles, |c| Some(c.mrna_total[1])),
            "",
        ),
        counted("S06", (0.6, 1.3), statistic(mean(mrna.iter().copied())), ""),
        counted(
            "S07",
            (0.9, 1.0),
            statistic(correlation(&logs(&mrna), &logs(&published))),
            "",
        ),
        counted("S08", (1.0, 4.5), statistic(median), ""),
        at_end(
            "S10",
            "mRNAs made in the whole cycle",
            (11_321.0, 18_869.0),
            over_cells(cycles, |c| Some(c.at_end.mrna_made)),
        ),
        at_end(
            "S11",
            "mRNAs decayed in the whole cycle",
            (11_256.0, 18_760.0),
            over_cells(cycles, |c| Some(c.at_end.mrna_decayed)),
        ),
        counted(
            "S10",
            (11_321.0, 18_869.0),
            over_cells(cycles, |c| Some(c.at_93_min.mrna_made)),
            AT_93,
        ),
        counted(
            "S11",
            (11_256.0, 18_760.0),
            over_cells(cycles, |c| Some(c.at_93_min.mrna_decayed)),
            AT_93,
        ),
    ]
}

fn energy(cycles: &[CellCycle]) -> Vec<Comparison> {
    let spent = |c: &CellCycle, causes: &[&str]| -> f64 {
        c.spent_per_s
            .iter()
            .filter(|(cause, _)| causes.contains(cause))
            .map(|(_, n)| n)
            .sum()
    };
    let all = |c: &CellCycle| c.spent_per_s.iter().map(|(_, n)| n).sum::<f64>();
    let share = |causes: &'static [&'static str]| {
        over_cells(cycles, move |c| Some(100.0 * spent(c, causes) / all(c)))
    };
    // Three bonds for each nucleotide that the cell has more in RNA at the end: two of the NTP and one for unwinding.
    let kept = |c: &CellCycle| 3.0 * c.rna_growth_nt / c.seconds();
    let part = |part, quantity, published, middle: f64, usage, simulated, note| Comparison {
        target: "S17",
        part,
        quantity,
        published,
        band: (f64::max(middle - 6.0, 0.0), middle + 6.0),
        usage,
        simulated,
        note,
    };
    let counted = TargetUse::Counted;
    vec![
        Comparison {
            target: "S16",
            part: "",
            quantity: "adenylate energy charge, cycle mean",
            published: "",
            band: (0.85, 0.99),
            usage: TargetUse::Fitted,
            simulated: over_cells(cycles, |c| Some(c.energy_charge)),
            note: "published for the start; decided by fitted capacity and maintenance",
        },
        part(
            "a",
            "ATP budget: maintenance",
            "43.0",
            43.0,
            TargetUse::Fitted,
            share(&["maintenance"]),
            "fitted",
        ),
        part(
            "b",
            "ATP budget: translation",
            "21.0",
            21.0,
            counted,
            share(&["translation"]),
            "",
        ),
        part(
            "c",
            "ATP budget: charging of tRNA",
            "18.4",
            18.4,
            counted,
            share(&["charging"]),
            "",
        ),
        part(
            "d",
            "ATP budget: RNA that is kept",
            "3.2",
            3.2,
            counted,
            over_cells(cycles, |c| Some(100.0 * kept(c) / all(c))),
            "the published optimum recycles RNA without turnover, so only lasting RNA is comparable",
        ),
        part(
            "e",
            "ATP budget: transport",
            "6.6",
            6.6,
            counted,
            share(&["amino_acid_import", "translocation"]),
            "",
        ),
        part(
            "f",
            "ATP budget: nucleotide kinases",
            "6.2",
            6.2,
            counted,
            share(&["nucleoside_salvage", "dntp_synthesis"]),
            "",
        ),
        part(
            "g",
            "ATP budget: DNA",
            "0.4",
            0.4,
            counted,
            share(&["replication"]),
            "",
        ),
        part(
            "h",
            "ATP budget: turnover of mRNA",
            "none",
            0.0,
            TargetUse::Info,
            over_cells(cycles, |c| {
                let rna = spent(
                    c,
                    &["transcription", "transcription_unwinding", "mrna_decay"],
                );
                Some(100.0 * (rna - kept(c)) / all(c))
            }),
            "no counterpart in the published optimum",
        ),
        Comparison {
            target: "S18",
            part: "",
            quantity: "",
            published: "",
            band: (3.5e4, 9.36e4),
            usage: TargetUse::Fitted,
            simulated: over_cells(cycles, |c| Some(all(c))),
            note: "decided by fitted capacity and maintenance",
        },
    ]
}

fn protein_genes(model: &CellModel) -> Vec<usize> {
    let genes = model.genome().genes();
    (0..genes.len())
        .filter(|&g| genes[g].kind == GeneKind::Cds)
        .collect()
}

fn short(bound: f64) -> String {
    // The bounds have three decimals at most; subtraction leaves more.
    format!("{}", libm::round(bound * 1000.0) / 1000.0)
}
