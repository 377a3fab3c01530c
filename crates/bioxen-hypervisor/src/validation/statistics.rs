//! Means over cells and statistics over genes.

/// A simulated figure: a mean over cells with its standard error, or a statistic over genes.
pub(super) struct Simulated {
    pub(super) value: f64,
    pub(super) standard_error: Option<f64>,
}

/// Mean and standard error over all cells; a cell without the figure makes the row fail.
pub(super) fn over_cells<T>(cells: &[T], of: impl Fn(&T) -> Option<f64>) -> Simulated {
    with_error(cells.iter().map(|c| of(c).unwrap_or(f64::NAN)).collect())
}

/// Mean and standard error over the cells that have the figure.
pub(super) fn over_some<T>(cells: &[T], of: impl Fn(&T) -> Option<f64>) -> Simulated {
    with_error(cells.iter().filter_map(of).collect())
}

fn with_error(values: Vec<f64>) -> Simulated {
    let error = deviation(&values) / libm::sqrt(real(values.len()));
    Simulated {
        value: mean(values.iter().copied()),
        standard_error: Some(error).filter(|e| e.is_finite()),
    }
}

/// A figure that is not a mean over cells.
pub(super) fn statistic(value: f64) -> Simulated {
    Simulated {
        value,
        standard_error: None,
    }
}

pub(super) fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let n = values.len();
    values.sum::<f64>() / real(n)
}

/// Standard deviation with n − 1.
pub(super) fn deviation(values: &[f64]) -> f64 {
    let m = mean(values.iter().copied());
    libm::sqrt(values.iter().map(|v| (v - m) * (v - m)).sum::<f64>() / (real(values.len()) - 1.0))
}

pub(super) fn extreme(values: &[f64], pick: fn(f64, f64) -> f64) -> f64 {
    values.iter().copied().reduce(pick).unwrap_or(f64::NAN)
}

/// The middle value, the upper one of two.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Pearson correlation.
pub(super) fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let (mean_a, mean_b) = (mean(a.iter().copied()), mean(b.iter().copied()));
    let products: f64 = a
        .iter()
        .zip(b)
        .map(|(x, y)| (x - mean_a) * (y - mean_b))
        .sum();
    products / (real(a.len()) - 1.0) / deviation(a) / deviation(b)
}

/// Slope of the regression of `b` on `a`.
pub(super) fn slope(a: &[f64], b: &[f64]) -> f64 {
    correlation(a, b) * deviation(b) / deviation(a)
}

#[expect(clippy::cast_precision_loss, reason = "numbers of cells and genes")]
fn real(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_of_known_numbers() {
        let a = [1.0, 2.0, 3.0, 4.0];
        assert!((mean(a.iter().copied()) - 2.5).abs() < 1e-12);
        assert!((deviation(&a) - 1.290_994_448_735_805_6).abs() < 1e-12);
        assert_eq!(median(a.to_vec()), 3.0);
        assert_eq!(extreme(&a, f64::max), 4.0);
        assert!((correlation(&a, &[2.0, 4.0, 6.0, 8.0]) - 1.0).abs() < 1e-12);
        assert!((slope(&a, &[2.0, 4.0, 6.0, 8.0]) - 2.0).abs() < 1e-12);
        assert!((correlation(&a, &[8.0, 6.0, 4.0, 2.0]) + 1.0).abs() < 1e-12);
    }
}
