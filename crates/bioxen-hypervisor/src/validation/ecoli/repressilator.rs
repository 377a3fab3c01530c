//! The repressilator of Elowitz & Leibler 2000 on the ribosomes of the host.

use std::sync::atomic::{AtomicBool, Ordering};

use super::media::GLUCOSE;
use super::{Figure, Observed, Seen, built_in};
use crate::cell::Cell;
use crate::validation::experiment::Watch;
use crate::validation::statistics::{deviation, mean, over_cells, over_some, statistic};

/// Minutes that a cell is watched, and minutes at the start in which the ring forgets that it began empty.
const WATCHED_MIN: usize = 18 * 60;
const SETTLING_MIN: usize = 3 * 60;

/// Coupling steps of a minute.
const STEPS_PER_MIN: u32 = 120;

/// How far a reading must go beyond the mean, in standard deviations, to count as high or as low.
const SWING: f64 = 0.5;

/// A cell that shows at least so many whole cycles oscillates.
const FEWEST_CYCLES: usize = 3;

/// What the reporter of one cell did.
pub(in crate::validation) struct Ring {
    /// Minutes from one rise of the reporter to the next.
    cycles: Vec<f64>,
}

pub(super) const WATCH: Watch<Observed> = Watch {
    name: "repressilator",
    settings: 1,
    follow: |mut cell, _, stop| {
        cell.install(&built_in("repressilator"))
            .expect("a test installs it");
        cell.set_medium(GLUCOSE.around(&cell));
        let glow = reporter(cell, stop)?;
        let cycles = rises(&glow);
        Some(Observed::Ring(Ring { cycles }))
    },
};

/// Concentration of the reporter from minute to minute, copies/aL; `None` if `stop` was raised.
fn reporter(mut cell: Cell, stop: &AtomicBool) -> Option<Vec<f64>> {
    let gene = cell.find_gene("gfp_aav").expect("the ring has a reporter");
    let mut readings = Vec::with_capacity(WATCHED_MIN);
    for _ in 0..WATCHED_MIN {
        for _ in 0..STEPS_PER_MIN {
            cell.step();
        }
        if stop.load(Ordering::Relaxed) {
            return None;
        }
        let copies = f64::from(cell.product_count(gene.index()));
        readings.push(copies / cell.sample().volume_al);
    }
    readings.drain(..SETTLING_MIN);
    Some(readings)
}

/// Minutes between the times at which readings become high after they were low.
fn rises(readings: &[f64]) -> Vec<f64> {
    let (middle, swing) = (mean(readings.iter().copied()), SWING * deviation(readings));
    let mut times = Vec::new();
    let mut low = false;
    let mut minute = 0.0;
    for reading in readings {
        minute += 1.0;
        if *reading < middle - swing {
            low = true;
        } else if *reading > middle + swing && low {
            low = false;
            times.push(minute);
        }
    }
    times.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

pub(super) fn rows() -> Vec<Figure> {
    vec![
        Figure::new("E913a", |seen| {
            over_some(&rings(seen), |ring| ring.period())
        })
        .note("measured in cells that divided in 50 to 70 min; here in 44"),
        Figure::new("E913b", |seen| statistic(spread(seen))).note("over cycles of all cells here"),
        Figure::new("E913c", |seen| {
            over_cells(&rings(seen), |ring| {
                Some(f64::from(u8::from(ring.oscillates())))
            })
        })
        .note("a cell without par loses the plasmid at times; nothing else stops the ring here"),
    ]
}

impl Ring {
    fn oscillates(&self) -> bool {
        self.cycles.len() >= FEWEST_CYCLES
    }

    fn period(&self) -> Option<f64> {
        self.oscillates().then(|| mean(self.cycles.iter().copied()))
    }
}

fn rings(seen: &Seen) -> Vec<&Ring> {
    seen.each(|seen| match seen {
        Observed::Ring(ring) => Some(ring),
        _ => None,
    })
    .collect()
}

/// Standard deviation of the cycles of all cells that oscillate, min.
fn spread(seen: &Seen) -> f64 {
    let rings = rings(seen);
    let cycles = rings.iter().filter(|ring| ring.oscillates());
    deviation(
        &cycles
            .flat_map(|ring| ring.cycles.iter().copied())
            .collect::<Vec<f64>>(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(period: f64) -> Vec<f64> {
        let turn = 2.0 * std::f64::consts::PI / period;
        (0..900)
            .map(|t| libm::sin(turn * f64::from(t)) + 2.0)
            .collect()
    }

    #[test]
    fn the_period_of_a_wave_is_found() {
        let cycles = rises(&wave(140.0));
        assert_eq!(cycles.len(), 5);
        assert!(
            cycles.iter().all(|c| (c - 140.0).abs() <= 1.0),
            "{cycles:?}"
        );
    }

    #[test]
    fn ripples_are_no_cycles() {
        let ripple = wave(7.0);
        let slow = wave(300.0);
        let both: Vec<f64> = slow.iter().zip(ripple).map(|(s, r)| s + 0.2 * r).collect();
        let ring = Ring {
            cycles: rises(&both),
        };
        assert_eq!(ring.cycles.len(), 1, "{:?}", ring.cycles);
        assert!(!ring.oscillates());
    }

    #[test]
    fn what_stands_still_has_no_cycles() {
        assert!(rises(&[3.0; 900]).is_empty());
    }
}
