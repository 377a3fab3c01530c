//! Means with standard errors.

/// Mean and standard error of independent values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Estimate {
    pub(super) mean: f64,
    pub(super) error: f64,
}

impl Estimate {
    pub(super) fn of(values: &[f64]) -> Self {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
        Self {
            mean,
            error: (squares / (n - 1.0) / n).sqrt(),
        }
    }

    /// Distance from an exact value, in standard errors.
    pub(super) fn off(self, exact: f64) -> f64 {
        (self.mean - exact).abs() / self.error
    }

    /// Standard error of the difference to an independent estimate.
    pub(super) fn error_beside(self, other: Self) -> f64 {
        self.error.hypot(other.error)
    }
}

#[test]
fn an_estimate_is_mean_and_standard_error() {
    let estimate = Estimate::of(&[1.0, 2.0, 3.0, 6.0]);
    // Sample variance 14/3, over four values.
    assert_eq!(estimate.mean, 3.0);
    assert!((estimate.error - (14.0_f64 / 12.0).sqrt()).abs() < 1e-12);
    assert!((estimate.off(3.0 + 2.0 * estimate.error) - 2.0).abs() < 1e-12);
    assert!((estimate.error_beside(estimate) - estimate.error * 2.0_f64.sqrt()).abs() < 1e-12);
}
