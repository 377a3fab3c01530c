//! E. coli against the published figures: lineages in media of ten doubling times, and cells with constructs.

mod burden;
mod lineage;
mod media;
mod proteome;
mod repressilator;
mod toggle;

use bioxen_core::Organism;

use self::burden::Burdened;
use self::lineage::{Lineage, Quantity};
use self::media::{ACETATE, ANAEROBIC, COLUMNS, GLUCOSE, GLUCOSE_AA, MEDIA, Medium, SUCCINATE};
use self::repressilator::Ring;
use self::toggle::Switch;
use super::experiment::{Experiment, Row, Watched};
use super::statistics::{Simulated, deviation, mean, over_cells, slope, statistic};
use crate::cell::{CellModel, Construct};
use crate::package::PackageLibrary;

pub(super) const EXPERIMENT: Experiment<Observed> = Experiment {
    organism: Organism::Ecoli,
    model: CellModel::ecoli,
    watches: &[
        lineage::WATCH,
        burden::WATCH,
        repressilator::WATCH,
        toggle::WATCH,
    ],
    protocol: "in each of ten media and with each of seven constructs; lineages through four generations unwatched and three watched",
    rows,
};

/// What is noted of one cell.
pub(super) enum Observed {
    Steady(Lineage),
    Burdened(Burdened),
    Ring(Ring),
    Switch(Switch),
}

type Seen = Watched<Observed>;
type Figure = Row<Observed>;

/// How a figure of Dennis & Bremer 2008 is measured on one lineage.
type OfLineage = fn(&Seen, &Lineage) -> f64;

/// The figures of a column, in the order of the table of targets.
const FIGURES: [(OfLineage, &str); 17] = [
    (|_, l| l.mean.of(Quantity::Residues), ""),
    (|_, l| l.mean.of(Quantity::Rna), ""),
    (|seen, l| dry_mass_ug(seen, l), "dry mass"),
    (|_, l| l.mean.of(Quantity::Rnap), ""),
    (
        |_, l| l.mean.ratio(Quantity::RnapAtWork, Quantity::Rnap),
        "",
    ),
    (|_, l| l.mean.of(Quantity::Ribosomes), ""),
    (|_, l| l.mean.of(Quantity::Trna), ""),
    (|_, l| l.mean.of(Quantity::MessageNt), FINISHED),
    (|_, l| 60.0 * l.mean.of(Quantity::MessageNtPerS), ""),
    (
        |_, l| l.mean.ratio(Quantity::MessageNt, Quantity::MessageNtPerS) / 60.0,
        FINISHED,
    ),
    (|_, l| l.mean.of(Quantity::Speed), ""),
    (|_, l| l.mean.of(Quantity::Origins), ""),
    (
        |seen, l| l.mean.of(Quantity::DnaBp) / f64::from(seen.model.genome().genome_length_bp()),
        "",
    ),
    (|_, l| l.mean.of(Quantity::Rrn), ""),
    (
        |_, l| 60.0 * l.mean.ratio(Quantity::RrnPerS, Quantity::Rrn),
        "",
    ),
    (
        |_, l| mean(l.cycles.iter().map(|c| c.replication_min.0)),
        "",
    ),
    (
        |_, l| mean(l.cycles.iter().map(|c| c.replication_min.1)),
        "",
    ),
];

const FINISHED: &str = "finished messages; the published figure holds unfinished ones too";

const FITTED: &str = "decided by constants that were fitted to this column or to this row of it";

fn rows() -> Vec<Figure> {
    let mut rows = Vec::new();
    for (column, medium) in COLUMNS.into_iter().enumerate() {
        for (n, (of, note)) in FIGURES.into_iter().enumerate() {
            let id = format!("E{:03}", 1 + column * FIGURES.len() + n);
            let fitted =
                IS_FITTED_ALWAYS[n] || (medium == COLUMNS[REFERENCE] && IS_FITTED_AT_40[n]);
            let row = Figure::new(id, move |seen| seen.in_medium(medium, |l| of(seen, l)));
            rows.push(row.note(if fitted { FITTED } else { note }));
        }
        let letter = ["a", "b", "c", "d", "e"][column];
        rows.push(doubling(format!("E911{letter}"), medium));
        let ppgpp = |l: &Lineage| l.mean.of(Quantity::Ppgpp);
        rows.push(
            Figure::new(format!("E912{letter}"), move |seen| {
                seen.in_medium(medium, ppgpp)
            })
            .note("no tolerance is published; its greatest value is fitted to that at 100 min"),
        );
    }
    rows.extend([
        doubling("E901a", GLUCOSE).note(
            "the capacity of the medium is fitted; uptake of 10 mmol/gDW/h and a yield of 0.09 gDW/mmol give 46.2",
        ),
        doubling("E901b", GLUCOSE_AA),
        doubling("E901c", ACETATE),
        doubling("E901d", SUCCINATE),
        doubling("E901e", ANAEROBIC),
        Figure::new("E902", |seen| statistic(proteome::half_life_s(&seen.model)))
            .note("measured half-lives over mrna_decay_scale, which is fitted to the mRNA lifetime at 40 min"),
        Figure::new("E903", |seen| statistic(closure(seen))),
        Figure::new("E904", |seen| statistic(growth_law(seen))),
        Figure::new("E905", |seen| seen.in_medium(GLUCOSE, |l| l.mean.of(Quantity::EnergyCharge)))
            .note("decided by the fitted capacity for regeneration"),
        Figure::new("E906a", |seen| statistic(proteome::essential_minimal(&seen.model)))
            .note("the gene table itself"),
        Figure::new("E906b", |seen| statistic(proteome::essential_rich(&seen.model)))
            .note("the gene table itself"),
        Figure::new("E909", |seen| statistic(proteome::log_correlation(seen))),
        Figure::new("E910a", |seen| statistic(spread(seen, |c| c.growth / c.minutes))).note(SPREAD),
        Figure::new("E910b", |seen| statistic(spread(seen, |c| c.minutes))).note(SPREAD),
        Figure::new("E910c", |seen| statistic(spread(seen, |c| c.volume_al))).note(SPREAD),
    ]);
    rows.extend(burden::rows());
    rows.extend(repressilator::rows());
    rows.extend(toggle::rows());
    rows
}

/// What a built-in package brings.
fn built_in(package: &str) -> Construct {
    let listed = PackageLibrary::built_in().find(package);
    let construct = listed.ok().and_then(|l| l.package.constructs().pop());
    construct.expect("a test installs the built-in packages that are validated")
}

/// The column that constants were fitted to.
const REFERENCE: usize = 2;

/// Figures of that column that constants were fitted to, or that follow from such by balance.
const IS_FITTED_AT_40: [bool; 17] = [
    true, true, true, true, true, true, true, true, true, true, true, false, false, false, true,
    true, true,
];

/// Figures that a constant was fitted to in all columns at once: rrn initiation, C and D.
const IS_FITTED_ALWAYS: [bool; 17] = [
    false, false, false, false, false, false, false, false, false, false, false, false, false,
    false, true, true, true,
];

const SPREAD: &str =
    "over the watched generations of all media, relative to the mean in the medium";

fn doubling(id: impl Into<std::borrow::Cow<'static, str>>, medium: Medium) -> Figure {
    Figure::new(id, move |seen| {
        seen.in_medium(medium, Lineage::doubling_min)
    })
    .note("the capacity of the medium is fitted")
}

impl Seen {
    fn lineages(&self, medium: Medium) -> impl Iterator<Item = &Lineage> {
        let steady = self.each(|seen| match seen {
            Observed::Steady(lineage) => Some(lineage),
            _ => None,
        });
        steady.filter(move |l| l.medium == medium)
    }

    /// What was noted of the cells of one watch.
    fn each<'a, T: 'a>(
        &'a self,
        of: fn(&'a Observed) -> Option<&'a T>,
    ) -> impl Iterator<Item = &'a T> {
        self.cells.iter().filter_map(of)
    }

    /// Mean and standard error over the lineages in this medium.
    fn in_medium(&self, medium: Medium, of: impl Fn(&Lineage) -> f64) -> Simulated {
        let values: Vec<f64> = self.lineages(medium).map(of).collect();
        over_cells(&values, |value| Some(*value))
    }

    fn number(&self, parameter: &str) -> f64 {
        self.model
            .parameters()
            .number(parameter)
            .unwrap_or(f64::NAN)
    }
}

/// One attoliter is 1e-18 L, one gram 1e6 µg.
const UG_PER_AL_FOR_G_PER_L: f64 = 1e-12;

fn dry_mass_ug(seen: &Seen, lineage: &Lineage) -> f64 {
    let g_per_l = seen.number("cell_density") * (1.0 - seen.number("water_mass_fraction"));
    lineage.mean.of(Quantity::VolumeAl) * g_per_l * UG_PER_AL_FOR_G_PER_L
}

/// Residues that 85% of the ribosomes make at the speed they have, over what doubles protein in the doubling time;
/// mean over the columns but the one that the share of ribosomes at work was fitted to.
fn closure(seen: &Seen) -> f64 {
    let share = seen.number("fraction_active_ribosome");
    let of = |lineage: &Lineage| {
        let made = lineage.mean.of(Quantity::Ribosomes) * share * lineage.mean.of(Quantity::Speed);
        let kept = std::f64::consts::LN_2 / (60.0 * lineage.doubling_min());
        made / (kept * lineage.mean.of(Quantity::Residues))
    };
    let columns = [0, 1, 3, 4].map(|column| seen.in_medium(COLUMNS[column], of).value);
    mean(columns.into_iter())
}

/// 1 over the slope of RNA/protein (by mass) against growth rate, over the five columns.
fn growth_law(seen: &Seen) -> f64 {
    let per_mass = seen.number("nucleotide_mass") / seen.number("residue_mass");
    let rates = COLUMNS.map(|medium| {
        let doubling = seen.in_medium(medium, Lineage::doubling_min).value;
        std::f64::consts::LN_2 * 60.0 / doubling
    });
    let ratios = COLUMNS.map(|medium| {
        let ratio = |l: &Lineage| per_mass * l.mean.ratio(Quantity::Rna, Quantity::Residues);
        seen.in_medium(medium, ratio).value
    });
    1.0 / slope(&rates, &ratios)
}

/// Coefficient of variation between generations, each relative to the mean of its medium.
fn spread(seen: &Seen, of: fn(&lineage::Cycle) -> f64) -> f64 {
    let mut relative = Vec::new();
    for medium in MEDIA {
        let values: Vec<f64> = seen
            .lineages(medium)
            .flat_map(|l| &l.cycles)
            .map(of)
            .collect();
        let middle = mean(values.iter().copied());
        relative.extend(values.iter().map(|value| value / middle));
    }
    deviation(&relative)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genome::{TargetUse, Targets};
    use crate::validation::experiment::check_rows;

    #[test]
    fn every_figure_that_proves_something_is_measured() {
        check_rows(&EXPERIMENT);
    }

    #[test]
    fn the_table_calls_fitted_what_is_fitted() {
        let targets = Targets::published();
        for column in 0..COLUMNS.len() {
            for n in 0..FIGURES.len() {
                let id = format!("E{:03}", 1 + column * FIGURES.len() + n);
                let fitted = IS_FITTED_ALWAYS[n] || (column == REFERENCE && IS_FITTED_AT_40[n]);
                let usage = targets.find(&id).expect(&id).usage;
                assert_eq!(usage == TargetUse::Fitted, fitted, "{id}");
            }
        }
    }

    #[test]
    fn media_are_sorted_by_doubling_time() {
        assert!(MEDIA.is_sorted_by_key(|medium| medium.doubling_min));
    }
}
