//! One organism watched and compared: what its module must provide, and what is done with it.

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bioxen_core::Organism;

use super::ValidationOptions;
use super::ensemble::{Ensemble, full_grant};
use super::report::{ValidationReport, ValidationRow, Verdict};
use super::statistics::{Simulated, over_cells, over_some};
use crate::cell::{Cell, CellModel, CellOptions};
use crate::genome::{Target, TargetUse, Targets};

/// What the module of an organism provides, as its constant `EXPERIMENT`. `T` is what it notes of one cell.
///
/// Its figures are rows of the table of targets whose cell type is the name of the organism, and a test of the module
/// calls `check_rows`.
pub(super) struct Experiment<T: 'static> {
    pub(super) organism: Organism,
    /// The cell as published.
    pub(super) model: fn() -> CellModel,
    /// What is done to cells, one watch after the other.
    pub(super) watches: &'static [Watch<T>],
    /// How the cells are watched, in words that follow their number.
    pub(super) protocol: &'static str,
    /// How each figure is measured. Every counted or fitted figure of the organism must be among them.
    pub(super) rows: fn() -> Vec<Row<T>>,
}

/// Cells that are watched in the same way, as many in each of some settings, such as media.
pub(super) struct Watch<T> {
    /// What the names of its cells begin with, and so what their random streams depend on.
    pub(super) name: &'static str,
    /// One cell after the other goes to the next setting.
    pub(super) settings: u32,
    /// Watches the newborn cell of this number, as long as its figures need; `None` if the flag was raised meanwhile.
    pub(super) follow: fn(Cell, u32, &AtomicBool) -> Option<T>,
}

/// All cells that were watched, in the order of watches and numbers.
pub(super) struct Watched<T> {
    pub(super) model: Arc<CellModel>,
    pub(super) cells: Vec<T>,
}

/// One published figure, and how it is measured on the cells watched.
///
/// Value, band, unit, source and use are those of the table of targets.
pub(super) struct Row<T: 'static> {
    target: Cow<'static, str>,
    measure: Box<Measure<T>>,
    /// What is measured, where it is not quite what was published.
    quantity: Option<&'static str>,
    /// What is shown as published, where it is not the value of the table.
    published: Option<&'static str>,
    /// Letter and use of a second comparison with the same figure.
    again: Option<(&'static str, TargetUse)>,
    note: &'static str,
}

type Measure<T> = dyn Fn(&Watched<T>) -> Simulated;

impl<T: Send> Experiment<T> {
    /// Watches the cells and compares them; `None` if `watch` breaks.
    pub(super) fn run(
        &self,
        options: &ValidationOptions,
        watch: &mut dyn FnMut(f64) -> ControlFlow<()>,
    ) -> Option<ValidationReport> {
        let model = Arc::new((self.model)());
        let of = |part: &Watch<T>| options.cells.saturating_mul(part.settings);
        let all: f64 = self.watches.iter().map(|part| f64::from(of(part))).sum();
        let mut cells = Vec::new();
        let mut before = 0.0;
        for part in self.watches {
            let ensemble = Ensemble {
                name: part.name,
                cells: of(part),
                seed: options.seed,
                threads: options.threads,
                quota: full_grant(self.organism),
                cell: CellOptions::default(),
            };
            let share = f64::from(of(part)) / all;
            let seen = ensemble.follow(&model, part.follow, &mut |done| {
                watch(before + share * done)
            })?;
            before += share;
            cells.extend(seen);
        }
        Some(ValidationReport {
            organism: self.organism,
            cells: options.cells,
            seed: options.seed,
            protocol: self.protocol,
            rows: compare(
                &(self.rows)(),
                &Targets::published(),
                &Watched { model, cells },
            ),
        })
    }
}

impl<T> Row<T> {
    /// The figure with this id in the table of targets.
    pub(super) fn new(
        target: impl Into<Cow<'static, str>>,
        measure: impl Fn(&Watched<T>) -> Simulated + 'static,
    ) -> Self {
        Self {
            target: target.into(),
            measure: Box::new(measure),
            quantity: None,
            published: None,
            again: None,
            note: "",
        }
    }

    /// What is measured is not quite what was published, but this.
    pub(super) fn quantity(mut self, quantity: &'static str) -> Self {
        self.quantity = Some(quantity);
        self
    }

    /// The published value is shown as this.
    pub(super) fn published(mut self, published: &'static str) -> Self {
        self.published = Some(published);
        self
    }

    /// A second comparison with the same figure: the letter sets it apart, the use is its own.
    pub(super) fn again(mut self, letter: &'static str, usage: TargetUse) -> Self {
        self.again = Some((letter, usage));
        self
    }

    /// What the reader of the report should know; why it is not counted, if it is not.
    pub(super) fn note(mut self, note: &'static str) -> Self {
        self.note = note;
        self
    }

    fn id(&self) -> String {
        format!(
            "{}{}",
            self.target,
            self.again.map_or("", |(letter, _)| letter)
        )
    }

    fn compare(&self, target: &Target, watched: &Watched<T>) -> Option<ValidationRow> {
        let (low, high) = target.band?;
        let simulated = (self.measure)(watched);
        let within = simulated.value >= low && simulated.value <= high;
        let usage = self.again.map_or(target.usage, |(_, usage)| usage);
        Some(ValidationRow {
            id: self.id(),
            quantity: self
                .quantity
                .map_or_else(|| target.quantity.clone(), str::to_owned),
            unit: target.unit.clone(),
            published: self
                .published
                .map_or_else(|| target.value.clone(), str::to_owned),
            source: target.source.clone(),
            simulated: simulated.value,
            standard_error: simulated.standard_error,
            tolerance: format!("{low} to {high}"),
            within,
            usage,
            verdict: match (usage, within) {
                (TargetUse::Counted, true) => Verdict::Pass,
                (TargetUse::Counted, false) => Verdict::Fail,
                (TargetUse::Fitted | TargetUse::Input | TargetUse::Info, _) => Verdict::NotCounted,
            },
            note: self.note.to_owned(),
        })
    }
}

impl<T> Watched<T> {
    /// Mean over all cells; a cell without the figure makes it fail.
    pub(super) fn mean_if_all(&self, of: impl Fn(&T) -> Option<f64>) -> Simulated {
        over_cells(&self.cells, of)
    }

    /// Mean over all cells.
    pub(super) fn mean(&self, of: impl Fn(&T) -> f64) -> Simulated {
        over_cells(&self.cells, |cell| Some(of(cell)))
    }

    /// Mean over the cells that have the figure.
    pub(super) fn mean_of_some(&self, of: impl Fn(&T) -> Option<f64>) -> Simulated {
        over_some(&self.cells, of)
    }
}

/// All rows by id. Rows without a band in the table are left out; tests of the organisms see to it that none is.
fn compare<T>(rows: &[Row<T>], targets: &Targets, watched: &Watched<T>) -> Vec<ValidationRow> {
    let mut compared: Vec<ValidationRow> = rows
        .iter()
        .filter_map(|row| row.compare(targets.find(&row.target)?, watched))
        .collect();
    compared.sort_by(|a, b| a.id.cmp(&b.id));
    compared
}

/// Checks that rows and table of targets fit together.
#[cfg(test)]
pub(super) fn check_rows<T>(experiment: &Experiment<T>) {
    let targets = Targets::published();
    let cell_type = experiment.organism.to_string();
    let rows = (experiment.rows)();
    for row in &rows {
        let target = targets.find(&row.target).expect(&row.target);
        assert_eq!(target.cell_type, cell_type, "{}", row.target);
        assert!(target.band.is_some(), "{} has no band", row.target);
        let uncounted = row.again.map_or(target.usage, |(_, usage)| usage) != TargetUse::Counted;
        assert!(
            !uncounted || !row.note.is_empty(),
            "{}: say why it is not counted",
            row.id()
        );
    }
    let mut ids: Vec<String> = rows.iter().map(Row::id).collect();
    ids.sort_unstable();
    assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "{ids:?}");
    for target in targets.rows() {
        let proves = matches!(target.usage, TargetUse::Counted | TargetUse::Fitted);
        let has_row = rows.iter().any(|row| row.target == target.id);
        assert!(
            !proves || target.cell_type != cell_type || has_row,
            "{} is not measured",
            target.id
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGETS: &str = "\
id,quantity,value,unit,low,high,source,kind,use
T01,length,2,um,1.5,2.5,Nobody 1900,measured,counted
T02,width,1,um,0.9,1.125,Nobody 1900,measured,fitted
T03,color,1,-,,,Nobody 1900,measured,info
";

    fn rows() -> Vec<Row<f64>> {
        vec![
            Row::new("T02", |seen| seen.mean(|length| length / 2.0)).note("grown to it"),
            Row::new("T01", |seen| seen.mean(|length| *length)),
            Row::new("T01", |seen| {
                seen.mean_of_some(|l| Some(*l).filter(|l| *l > 2.0))
            })
            .quantity("length of the long")
            .again("b", TargetUse::Info),
            Row::new("T03", |seen| seen.mean(|_| 1.0)),
        ]
    }

    fn compared(lengths: &[f64]) -> Vec<ValidationRow> {
        let targets = Targets::from_csv(TARGETS).expect("a table of targets");
        let watched = Watched {
            model: Arc::new(CellModel::syn3a()),
            cells: lengths.to_vec(),
        };
        compare(&rows(), &targets, &watched)
    }

    #[test]
    fn a_figure_is_compared_with_its_band_in_the_table() {
        let rows = compared(&[1.0, 2.0, 3.0]);
        let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(ids, ["T01", "T01b", "T02"], "T03 has no band");
        let length = &rows[0];
        assert_eq!(length.simulated, 2.0);
        let error = length.standard_error.expect("three cells");
        assert!((error - libm::sqrt(1.0 / 3.0)).abs() < 1e-12);
        assert_eq!(length.verdict, Verdict::Pass);
        assert_eq!(rows[2].tolerance, "0.9 to 1.125");
        assert_eq!(rows[2].note, "grown to it");
    }

    #[test]
    fn only_counted_rows_can_fail() {
        let rows = compared(&[4.0, 4.0]);
        let verdicts: Vec<Verdict> = rows.iter().map(|row| row.verdict).collect();
        assert_eq!(
            verdicts,
            [Verdict::Fail, Verdict::NotCounted, Verdict::NotCounted]
        );
        assert!(rows.iter().all(|row| !row.within));
    }

    #[test]
    fn a_second_comparison_has_its_own_name_and_use() {
        let again = &compared(&[1.0, 3.0])[1];
        assert_eq!(again.quantity, "length of the long");
        assert_eq!(again.published, "2");
        assert_eq!((again.simulated, again.usage), (3.0, TargetUse::Info));
    }

    #[test]
    fn a_figure_that_no_cell_has_is_not_met() {
        let rows = compared(&[f64::NAN]);
        assert_eq!(rows[0].verdict, Verdict::Fail);
    }
}
