//! Curves of one cell or of many: the points to draw.

use bioxen::Sample;

/// Points of a curve beyond which nobody sees more.
const POINTS: usize = 900;

/// One curve: time in s, the middle, and the band around it if there are several cells.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Curve {
    pub(super) points: Vec<Point>,
}

/// One instant of a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    /// Time, s.
    pub(super) time: f64,
    /// The value, or the median over the cells.
    pub(super) middle: f64,
    /// 10th and 90th percentile over the cells, while all of several cells are there.
    pub(super) band: Option<(f64, f64)>,
}

impl Curve {
    /// A quantity over time, over all cells that are still followed.
    ///
    /// All cells are read at the same times. Cells that end early leave the others: the band ends with the first of them, since those that stay are the slow ones, and the curve when fewer than half are left.
    pub(super) fn new(cells: &[&[Sample]], read: fn(&Sample) -> f64) -> Self {
        let longest = cells.iter().map(|samples| samples.len()).max().unwrap_or(0);
        let mut points = Vec::with_capacity(longest);
        for n in 0..longest {
            let there: Vec<&Sample> = cells.iter().filter_map(|samples| samples.get(n)).collect();
            if there.len() * 2 < cells.len() {
                break;
            }
            let mut values: Vec<f64> = there.iter().map(|sample| read(sample)).collect();
            values.sort_by(f64::total_cmp);
            points.push(Point {
                time: there[0].time.seconds(),
                middle: quantile(&values, 0.5),
                band: (cells.len() > 1 && there.len() == cells.len())
                    .then(|| (quantile(&values, 0.1), quantile(&values, 0.9))),
            });
        }
        Self {
            points: thinned(points),
        }
    }

    pub(super) fn largest(&self) -> f64 {
        self.points
            .iter()
            .map(|point| {
                point
                    .band
                    .map_or(point.middle, |(_, high)| point.middle.max(high))
            })
            .fold(0.0, f64::max)
    }
}

/// Value below which a share of sorted values lies, interpolated.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let mut below = 0;
    while below < last && (below + 1) as f64 <= share * last as f64 {
        below += 1;
    }
    let above = (below + 1).min(last);
    let part = share * last as f64 - below as f64;
    match (sorted.get(below), sorted.get(above)) {
        (Some(from), Some(to)) => from + (to - from) * part,
        _ => f64::NAN,
    }
}

/// Keeps the lowest and the highest point of each of equal stretches, so that no peak is lost.
fn thinned(points: Vec<Point>) -> Vec<Point> {
    if points.len() <= POINTS {
        return points;
    }
    let stretch = points.len().div_ceil(POINTS / 2);
    let mut kept = Vec::with_capacity(POINTS + 1);
    for points in points.chunks(stretch) {
        let by_middle =
            |a: &(usize, &Point), b: &(usize, &Point)| a.1.middle.total_cmp(&b.1.middle);
        let low = points.iter().enumerate().min_by(by_middle);
        let high = points.iter().enumerate().max_by(by_middle);
        if let (Some((a, low)), Some((b, high))) = (low, high) {
            let (first, second) = if a <= b { (low, high) } else { (high, low) };
            kept.push(*first);
            if a != b {
                kept.push(*second);
            }
        }
    }
    kept.extend(points.last().filter(|last| kept.last() != Some(*last)));
    kept
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bioxen::{
        Hypervisor, HypervisorConfig, Organism, Sample, Seed, SimTime, SystemClock, VmId, VmSpec,
    };

    use super::{Curve, POINTS, Point, quantile, thinned};

    /// Readings of one cell every second, as often as asked for.
    fn readings(count: u64) -> Vec<Sample> {
        let host = Hypervisor::new(HypervisorConfig::default(), Arc::new(SystemClock::new()));
        let id = VmId::new("cell-1").unwrap();
        let spec = VmSpec::builder(id, Organism::Syn3a, Seed::new(1)).build();
        let vm = host.unwrap().create(&spec.unwrap()).unwrap();
        let newborn = vm.inspect(|cell| cell.sample()).unwrap();
        let at = |second| Sample {
            time: SimTime::from_micros(second * 1_000_000),
            ..newborn.clone()
        };
        (0..count).map(at).collect()
    }

    #[test]
    fn the_band_ends_with_the_first_cell_and_the_curve_with_half_of_them() {
        let (short, middle, long) = (readings(2), readings(4), readings(6));
        let curve = Curve::new(&[&short, &middle, &long], |sample| sample.atp_mm);
        let bands: Vec<bool> = curve.points.iter().map(|p| p.band.is_some()).collect();
        assert_eq!(bands, [true, true, false, false]);
        let alone = Curve::new(&[&long], |sample| sample.atp_mm);
        assert_eq!(alone.points.len(), 6);
        assert!(alone.points.iter().all(|point| point.band.is_none()));
    }

    #[test]
    fn quantiles_are_interpolated() {
        let values: Vec<f64> = (0..=10).map(f64::from).collect();
        assert_eq!(quantile(&values, 0.1), 1.0);
        assert_eq!(quantile(&values, 0.5), 5.0);
        assert_eq!(quantile(&[1.0, 2.0], 0.5), 1.5);
        assert_eq!(quantile(&[7.0], 0.9), 7.0);
    }

    #[test]
    fn thinning_keeps_peaks_and_the_end() {
        let point = |time: u32, middle: f64| Point {
            time: f64::from(time),
            middle,
            band: None,
        };
        let mut points: Vec<Point> = (0..50_000).map(|n| point(n, 1.0)).collect();
        points[12_345].middle = 9.0;
        let end = points[49_999];
        let kept = thinned(points);
        assert!(kept.len() <= POINTS + 1, "{}", kept.len());
        assert!(kept.iter().any(|point| point.middle == 9.0));
        assert_eq!(kept.last(), Some(&end));
        assert!(kept.is_sorted_by_key(|point| point.time));
    }
}
