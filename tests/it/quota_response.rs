//! More of a quota is never worse for a cell, in the mean.

use std::ops::ControlFlow;
use std::sync::Arc;

use bioxen::validation::{CycleOptions, run_cycles};
use bioxen::{
    AtpPercent, CellModel, CellOptions, Organism, Quota, RibosomeCount, RibosomeUnit, Seed,
};

const CELLS: u32 = 8;

fn full() -> Quota {
    Quota {
        atp: AtpPercent::FULL,
        ribosomes: Organism::Syn3a.full_ribosome_units(),
        unit: RibosomeUnit::Share,
    }
}

/// Growth rate in 1/h, mean and standard error over cells with common seeds, each followed to its division or for six
/// hours.
fn growth(model: &Arc<CellModel>, quota: Quota) -> (f64, f64) {
    let options = CycleOptions {
        cells: CELLS,
        seed: Seed::new(1),
        threads: 2,
        quota: Some(quota),
        cell: CellOptions::default(),
        lineages: false,
    };
    let cycles =
        run_cycles(model, &options, &mut |_| ControlFlow::Continue(())).expect("not broken off");
    let rates: Vec<f64> = cycles.iter().map(|c| c.growth_rate_per_h).collect();
    let n = f64::from(CELLS);
    let mean = rates.iter().sum::<f64>() / n;
    let variance = rates.iter().map(|r| (r - mean) * (r - mean)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

/// Each rate is at least the one before it, less three standard errors of the difference.
#[track_caller]
fn check_rises(rates: &[(f64, f64)]) {
    for pair in rates.windows(2) {
        let [(less, e0), (more, e1)] = pair else {
            unreachable!("windows of two")
        };
        let error = (e0 * e0 + e1 * e1).sqrt();
        assert!(
            more >= &(less - 3.0 * error),
            "{less} to {more}, standard error {error}"
        );
    }
}

#[test]
fn growth_rises_with_the_atp_quota() {
    if !crate::slow::wanted("growth_rises_with_the_atp_quota") {
        return;
    }
    let model = Arc::new(CellModel::syn3a());
    let percents = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100_u16];
    let rates: Vec<(f64, f64)> = percents
        .iter()
        .map(|percent| {
            let atp = AtpPercent::from_hundredths(percent * 100).expect("at most 100 percent");
            growth(&model, Quota { atp, ..full() })
        })
        .collect();
    check_rises(&rates);
    assert!(
        rates[0].0 < 0.15 * rates[9].0,
        "a tenth of the ATP must bite: {rates:?}"
    );
}

#[test]
fn growth_rises_with_the_ribosome_quota() {
    if !crate::slow::wanted("growth_rises_with_the_ribosome_quota") {
        return;
    }
    let model = Arc::new(CellModel::syn3a());
    let rates: Vec<(f64, f64)> = (0..=15)
        .map(|units| {
            growth(
                &model,
                Quota {
                    ribosomes: RibosomeCount::new(units),
                    ..full()
                },
            )
        })
        .collect();
    check_rises(&rates);
    assert!(
        rates[0].0 < 0.01 * rates[15].0,
        "no ribosomes, no growth: {rates:?}"
    );
}
