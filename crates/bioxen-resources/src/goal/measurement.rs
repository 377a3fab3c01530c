//! Mean growth, and how well it is known.

use bioxen_core::{SimSpan, SimTime};

/// A mean with its standard error, 1/h.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Estimate {
    pub(super) mean: f64,
    pub(super) error: f64,
}

/// Growth of one cell under one grant: means over blocks of time of one length, after it had time to settle.
#[derive(Debug, Clone, Default)]
pub(super) struct Measurement {
    /// Where the present block begins; nothing is measured before.
    block_from: Option<SimTime>,
    sum_per_h: f64,
    looks: u32,
    blocks: Vec<f64>,
}

impl Measurement {
    /// Takes a reading; `true` if it ends a block.
    pub(super) fn look(
        &mut self,
        now: SimTime,
        growth_per_h: f64,
        settling: SimSpan,
        block: SimSpan,
    ) -> bool {
        let from = *self.block_from.get_or_insert(now.saturating_add(settling));
        let Some(into_block) = now.since(from) else {
            return false;
        };
        self.sum_per_h += growth_per_h;
        self.looks += 1;
        if into_block < block {
            return false;
        }
        self.blocks.push(self.sum_per_h / f64::from(self.looks));
        self.block_from = Some(now);
        self.sum_per_h = 0.0;
        self.looks = 0;
        true
    }

    pub(super) fn blocks(&self) -> usize {
        self.blocks.len()
    }

    /// The estimate; `None` with fewer blocks than tell a scatter.
    ///
    /// Growth is remembered over generations, so that neighboring blocks are alike and their scatter alone promises too much.
    /// The error is therefore the largest that blocks of one, two, four and more of the length give (blocking, Flyvbjerg and Petersen 1989, J. Chem. Phys. 91:461).
    pub(super) fn estimate(&self) -> Option<Estimate> {
        if self.blocks.len() < FEWEST {
            return None;
        }
        let mut error = 0.0_f64;
        let mut level = self.blocks.clone();
        while level.len() >= FEWEST {
            error = error.max(standard_error(&level));
            level = level
                .chunks_exact(2)
                .map(|pair| (pair[0] + pair[1]) / 2.0)
                .collect();
        }
        Some(Estimate {
            mean: mean(&self.blocks),
            error,
        })
    }
}

/// Fewest blocks whose scatter is taken for that of all.
const FEWEST: usize = 4;

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / count(values)
}

fn standard_error(values: &[f64]) -> f64 {
    let middle = mean(values);
    let squares: f64 = values.iter().map(|value| (value - middle).powi(2)).sum();
    (squares / (count(values) - 1.0) / count(values)).sqrt()
}

#[allow(
    clippy::cast_precision_loss,
    reason = "a search has hundreds of blocks, not 2^53"
)]
fn count(values: &[f64]) -> f64 {
    values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: SimSpan = SimSpan::from_micros(60_000_000);
    const HOUR: SimSpan = SimSpan::from_micros(3_600_000_000);

    /// One reading each minute, of the minutes since birth.
    fn measured(minutes: u32, growth: impl Fn(u32) -> f64) -> Measurement {
        let mut measurement = Measurement::default();
        let mut now = SimTime::ZERO;
        for minute in 0..minutes {
            measurement.look(now, growth(minute), HOUR, HOUR);
            now = now.saturating_add(MINUTE);
        }
        measurement
    }

    #[test]
    fn what_a_cell_does_while_it_settles_is_not_measured() {
        let estimate = measured(600, |minute| if minute < 60 { 9.0 } else { 1.0 }).estimate();
        let Estimate { mean, error } = estimate.expect("nine blocks");
        assert!(
            (mean - 1.0).abs() < 1e-12 && error < 1e-12,
            "{mean} {error}"
        );
    }

    #[test]
    fn few_blocks_tell_nothing() {
        assert_eq!(measured(60 + 3 * 60 + 1, |_| 1.0).blocks(), 3);
        assert_eq!(measured(60 + 3 * 60 + 1, |_| 1.0).estimate(), None);
        assert!(measured(60 + 4 * 60 + 1, |_| 1.0).estimate().is_some());
    }

    #[test]
    fn growth_that_is_remembered_has_the_error_of_longer_blocks() {
        let hour = |minute: u32| minute.saturating_sub(60) / 60;
        // From hour to hour, and in stretches of eight hours: the same scatter of single blocks.
        let quick = measured(60 + 64 * 60 + 1, |m| f64::from(hour(m) % 2));
        let slow = measured(60 + 64 * 60 + 1, |m| f64::from(hour(m) / 8 % 2));
        let (quick, slow) = (quick.estimate(), slow.estimate());
        let (quick, slow) = (quick.expect("64 blocks"), slow.expect("64 blocks"));
        assert!((quick.mean - 0.5).abs() < 0.01 && (slow.mean - 0.5).abs() < 0.01);
        // 0.5 over the root of 63, and 0.5 over the root of 7.
        assert!((quick.error - 0.063).abs() < 0.003, "{}", quick.error);
        assert!((slow.error - 0.189).abs() < 0.005, "{}", slow.error);
    }
}
