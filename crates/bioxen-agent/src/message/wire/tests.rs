use std::time::Duration;

use bioxen_core::{
    GrowthPhase, Operation, OperonAction, Organism, Seed, Vitality, VmEvent, VmState,
};
use proptest::prelude::{any, prop_assert_eq, proptest};

use super::{In, OnWire, Out};
use crate::message::testing::PAGE;

fn out<T: OnWire>(value: &T) -> String {
    serde_json::to_string(&Out(value)).expect("a small value")
}

fn read<T: OnWire>(json: &str) -> serde_json::Result<T> {
    serde_json::from_str::<In<T>>(json).map(|value| value.0)
}

#[test]
fn numbers_that_are_not_finite_are_words() {
    assert_eq!(out(&f64::NAN), "\"NaN\"");
    assert_eq!(out(&f64::INFINITY), "\"inf\"");
    assert_eq!(out(&f64::NEG_INFINITY), "\"-inf\"");
    assert!(read::<f64>("\"NaN\"").expect("a number").is_nan());
    assert_eq!(read::<f64>("\"-inf\"").ok(), Some(f64::NEG_INFINITY));
    assert_eq!(read::<f64>("7").ok(), Some(7.0));
    assert_eq!(read::<f64>("-7").ok(), Some(-7.0));
    for json in ["\"nan\"", "\"7\"", "null", "[]", "1e999"] {
        assert!(read::<f64>(json).is_err(), "{json}");
    }
}

#[test]
fn every_word_is_on_the_page() {
    fn check<T: OnWire>(values: &[T]) {
        for value in values {
            let word = out(value).replace('"', "`");
            assert!(PAGE.contains(&word), "{word}");
        }
    }
    check(&Organism::ALL);
    check(&VmState::ALL);
    check(&VmEvent::ALL);
    check(&Vitality::ALL);
    check(&GrowthPhase::ALL);
    check(&OperonAction::ALL);
    check(&Operation::ALL);
}

#[test]
fn seeds_are_text() {
    assert_eq!(out(&Seed::new(u64::MAX)), "\"18446744073709551615\"");
    assert_eq!(read("\"0x10\"").ok(), Some(Seed::new(16)));
    assert!(read::<Seed>("16").is_err());
}

#[test]
fn limits_of_time_are_whole_microseconds_rounded_up() {
    assert_eq!(out(&Duration::from_nanos(1_001)), "2");
    assert_eq!(out(&Duration::ZERO), "0");
    assert_eq!(out(&Duration::MAX), u64::MAX.to_string());
}

proptest! {
    #[test]
    fn every_number_comes_back_bit_for_bit(bits in any::<u64>()) {
        let value = f64::from_bits(bits);
        let back = read::<f64>(&out(&value)).expect("a number");
        if value.is_nan() {
            prop_assert_eq!(back.is_nan(), true);
        } else {
            prop_assert_eq!(back.to_bits(), bits);
        }
    }
}
