//! Axes: round ticks, their labels, and the way from a value to a pixel.

/// One axis, from the value at its start to the value at its end.
#[derive(Clone, Debug)]
pub(super) struct Scale {
    end: f64,
    step: f64,
    pixel_start: f64,
    pixel_end: f64,
}

impl Scale {
    /// An axis from zero to `largest` rounded up to the next tick.
    pub(super) fn values(largest: f64, pixel_start: f64, pixel_end: f64) -> Self {
        let largest = if largest.is_finite() && largest > 0.0 {
            largest
        } else {
            1.0
        };
        let step = round_step(largest / 5.0);
        Self {
            end: (largest / step * 1.02).ceil() * step,
            step,
            pixel_start,
            pixel_end,
        }
    }

    /// An axis from zero to exactly `largest`, with steps that suit minutes and hours.
    pub(super) fn times(largest: f64, pixel_start: f64, pixel_end: f64) -> Self {
        let end = if largest > 0.0 { largest } else { 1.0 };
        let wanted = end / 6.0;
        let step = [1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0]
            .into_iter()
            .find(|step| *step >= wanted)
            .filter(|_| wanted > 0.5)
            .unwrap_or_else(|| round_step(wanted));
        Self {
            end,
            step,
            pixel_start,
            pixel_end,
        }
    }

    pub(super) fn pixel(&self, value: f64) -> f64 {
        self.pixel_start + (self.pixel_end - self.pixel_start) * value / self.end
    }

    /// The ticks with their labels.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        // A tick at the end must not be lost to the last bit of a division.
        let all = (self.end / self.step + 1e-9).floor();
        let decimals = decimals(self.step);
        (0_u32..)
            .map(f64::from)
            .take_while(|n| *n <= all)
            .map(|n| n * self.step)
            .map(|value| (value, grouped(value, decimals)))
            .collect()
    }
}

/// The smallest of 1, 2, 5, 10, ... times a power of ten that is at least `wanted`.
fn round_step(wanted: f64) -> f64 {
    let power = 10_f64.powf(wanted.log10().floor());
    [1.0, 2.0, 2.5, 5.0]
        .into_iter()
        .map(|lead| lead * power)
        .find(|step| *step >= wanted)
        .unwrap_or(10.0 * power)
}

fn decimals(step: f64) -> usize {
    (0..6)
        .find(|n| {
            let scaled = step * 10_f64.powi(*n);
            (scaled - scaled.round()).abs() < 1e-6 * scaled
        })
        .and_then(|n| usize::try_from(n).ok())
        .unwrap_or(6)
}

/// A number with commas between thousands.
fn grouped(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut shown = String::new();
    for (n, digit) in whole.chars().enumerate() {
        if n > 0 && (whole.len() - n).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::Scale;

    #[track_caller]
    fn check(scale: &Scale, labels: &[&str]) {
        let shown: Vec<String> = scale.ticks().into_iter().map(|(_, label)| label).collect();
        assert_eq!(shown, labels);
    }

    #[test]
    fn ticks_are_round() {
        check(&Scale::values(3.65, 0.0, 1.0), &["0", "1", "2", "3", "4"]);
        check(
            &Scale::values(143_000.0, 0.0, 1.0),
            &["0", "50,000", "100,000", "150,000"],
        );
        check(
            &Scale::values(1.0, 0.0, 1.0),
            &["0.0", "0.2", "0.4", "0.6", "0.8", "1.0", "1.2"],
        );
        check(
            &Scale::times(105.0, 0.0, 1.0),
            &["0", "20", "40", "60", "80", "100"],
        );
    }

    #[test]
    fn degenerate_ranges_have_an_axis() {
        for largest in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-12] {
            let values = Scale::values(largest, 0.0, 100.0);
            assert!(values.pixel(0.0).is_finite());
            assert!(values.ticks().len() >= 2, "{largest}");
        }
        assert!(Scale::times(0.0, 0.0, 1.0).ticks().len() >= 2);
        assert!(Scale::times(0.5, 0.0, 1.0).ticks().len() >= 2);
    }
}
