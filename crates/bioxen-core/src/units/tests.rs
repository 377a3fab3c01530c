use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

use super::{AtpPercent, Molecules, RibosomeCount, StochasticRate, whole};
use crate::invalid::NumberProblem;

#[test]
fn every_atp_share_round_trips() {
    for hundredths in 0..=10_000 {
        let share = AtpPercent::from_hundredths(hundredths).expect("within 100%");
        assert_eq!(share.hundredths(), hundredths);
        assert_eq!(AtpPercent::new(share.percent()), Ok(share));
        assert_eq!(share.to_string().parse(), Ok(share));
        assert_eq!(share.to_string().trim_end_matches('%').parse(), Ok(share));
    }
}

#[test]
fn atp_shares_are_shown_without_needless_zeros() {
    let cases = [
        (0, "0%"),
        (5, "0.05%"),
        (50, "0.5%"),
        (6_250, "62.5%"),
        (6_255, "62.55%"),
        (10_000, "100%"),
    ];
    for (hundredths, text) in cases {
        assert_eq!(
            AtpPercent::from_hundredths(hundredths)
                .expect("within 100%")
                .to_string(),
            text
        );
    }
}

#[test]
fn atp_text_is_refused_for_its_own_reason() {
    use NumberProblem::{NotANumber, OutOfRange, TooPrecise};
    let cases = [
        ("", NotANumber),
        ("%", NotANumber),
        (".", NotANumber),
        ("seventy", NotANumber),
        ("NaN", NotANumber),
        ("inf", NotANumber),
        ("7e1", NotANumber),
        ("62.5 %", NotANumber),
        ("62.5%%", NotANumber),
        ("-1", OutOfRange),
        ("100.01", OutOfRange),
        ("1e400", OutOfRange),
        ("62.555", TooPrecise),
        ("62.500", TooPrecise),
    ];
    for (text, problem) in cases {
        let error = text.parse::<AtpPercent>().expect_err(text);
        assert_eq!((error.problem(), error.text()), (problem, text));
    }
}

#[test]
fn atp_values_are_checked_and_computed_ones_rounded() {
    assert_eq!(
        AtpPercent::new(62.55).map(AtpPercent::hundredths),
        Ok(6_255)
    );
    let precise = AtpPercent::new(62.555).expect_err("three decimals");
    assert_eq!(precise.problem(), NumberProblem::TooPrecise);
    assert_eq!(
        AtpPercent::nearest(0.1 + 0.2).map(AtpPercent::hundredths),
        Ok(30)
    );
    assert_eq!(AtpPercent::nearest(99.999), Ok(AtpPercent::FULL));
    for value in [-0.01, 100.01, f64::INFINITY, f64::NEG_INFINITY] {
        let error = AtpPercent::new(value).expect_err("out of range");
        assert_eq!(error.problem(), NumberProblem::OutOfRange, "{value}");
    }
    let nan = AtpPercent::new(f64::NAN).expect_err("NaN");
    assert_eq!(nan.problem(), NumberProblem::NotANumber);
    assert!(AtpPercent::from_hundredths(10_001).is_err());
    assert!(AtpPercent::from_hundredths(u16::MAX).is_err());
}

#[test]
fn whole_numbers_tell_text_decimals_and_range_apart() {
    use NumberProblem::{NotANumber, NotWhole, OutOfRange};
    let cases = [
        ("", NotANumber),
        ("ten", NotANumber),
        ("inf", NotANumber),
        ("0x10", NotANumber),
        ("1.5", NotWhole),
        ("-3", OutOfRange),
        ("4294967296", OutOfRange),
        ("99999999999999999999999", OutOfRange),
    ];
    for (text, problem) in cases {
        let error = text.parse::<RibosomeCount>().expect_err(text);
        assert_eq!(error.problem(), problem, "{text:?}");
    }
    assert_eq!("4294967295".parse(), Ok(RibosomeCount::new(u32::MAX)));
    assert_eq!("18446744073709551615".parse(), Ok(Molecules::new(u64::MAX)));
}

#[test]
fn counts_never_wrap() {
    let (one, all) = (RibosomeCount::new(1), RibosomeCount::new(u32::MAX));
    assert_eq!(all.checked_add(one), None);
    assert_eq!(RibosomeCount::ZERO.checked_sub(one), None);
    assert_eq!(all.checked_sub(all), Some(RibosomeCount::ZERO));
    assert_eq!(
        Molecules::new(u64::MAX).checked_add(Molecules::new(1)),
        None
    );
    assert_eq!(Molecules::ZERO.checked_sub(Molecules::new(1)), None);
}

#[test]
fn rates_are_finite_and_not_negative() {
    for value in [-1.0, -f64::MIN_POSITIVE, f64::INFINITY, f64::NAN] {
        assert!(StochasticRate::new(value).is_err(), "{value}");
    }
    for text in ["", "/s", "fast", "1/min", "-1/s", "inf", "NaN/s"] {
        assert!(text.parse::<StochasticRate>().is_err(), "{text:?}");
    }
    let zero = StochasticRate::new(-0.0).expect("zero is a rate");
    assert_eq!(zero.to_string(), "0/s");
}

#[test]
fn nearest_whole_numbers_stop_at_the_ends() {
    assert_eq!(whole(-0.4), Some(0));
    assert_eq!(whole(-0.6), None);
    assert_eq!(whole(2.5), Some(3));
    assert_eq!(whole(18_446_744_073_709_551_616.0), None);
    assert_eq!(
        whole(18_446_744_073_709_549_568.0),
        Some(18_446_744_073_709_549_568)
    );
    assert_eq!(whole(f64::NAN), None);
}

proptest! {
    #[test]
    fn adding_and_taking_away_an_atp_share_cancel(a in 0_u16..=10_000, b in 0_u16..=10_000) {
        let (a, b) = (
            AtpPercent::from_hundredths(a).expect("within 100%"),
            AtpPercent::from_hundredths(b).expect("within 100%"),
        );
        match a.checked_add(b) {
            Some(sum) => prop_assert_eq!(sum.checked_sub(b), Some(a)),
            None => prop_assert!(a.hundredths() + b.hundredths() > 10_000),
        }
    }

    #[test]
    fn counts_and_rates_round_trip(units in any::<u32>(), count in any::<u64>(), rate in 0.0..1e12_f64) {
        prop_assert_eq!(units.to_string().parse(), Ok(RibosomeCount::new(units)));
        prop_assert_eq!(count.to_string().parse(), Ok(Molecules::new(count)));
        let rate = StochasticRate::new(rate).expect("finite");
        prop_assert_eq!(rate.to_string().parse(), Ok(rate));
    }

    #[test]
    fn no_text_breaks_a_parser(text in "\\PC*") {
        if let Ok(share) = text.parse::<AtpPercent>() {
            prop_assert_eq!(share.to_string().parse(), Ok(share));
        }
        if let Ok(rate) = text.parse::<StochasticRate>() {
            prop_assert_eq!(rate.to_string().parse(), Ok(rate));
        }
    }
}
