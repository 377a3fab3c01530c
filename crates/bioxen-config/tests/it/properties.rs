//! Whatever bytes and values come: the reader ends, and what is written reads as the same.

use bioxen_config::{Format, Request, SETTINGS, Surroundings, load, load_text, render, text};
use proptest::prelude::*;

fn request() -> Request {
    let mut here = Surroundings::nowhere();
    here.home = Some("/home/ada".into());
    Request::new(here)
}

/// Texts of values, of which some fit each setting.
fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        (0..200_u32).prop_map(|n| n.to_string()),
        (0..10_000_u32).prop_map(|n| format!("{}", f64::from(n) / 100.0)),
        (
            0..4_000_u32,
            prop_oneof![
                Just("MB"),
                Just("GiB"),
                Just("s"),
                Just("min"),
                Just("ms"),
                Just("%")
            ]
        )
            .prop_map(|(n, unit)| format!("{n}{unit}")),
        prop_oneof![
            Just("true"),
            Just("false"),
            Just("manual"),
            Just("unpaced"),
            Just("real_time"),
            Just("shared"),
            Just("per_cell"),
            Just("syn3a"),
            Just("ecoli"),
            Just("https://a.b:8443"),
            Just("~/x"),
            Just("[\"puc19\", \"./a b\"]"),
            Just("[]"),
            Just("[\"no\", \"1\"]")
        ]
        .prop_map(str::to_owned),
        "\\PC{1,12}",
    ]
}

proptest! {
    #[test]
    fn what_is_written_loads_as_the_same(
        flags in proptest::collection::vec((0..SETTINGS.len(), words()), 0..12)
    ) {
        let mut request = request();
        for (n, text) in flags {
            let one = (SETTINGS[n].to_string(), text);
            // A flag that is refused beside the others says nothing here.
            let mut more = request.clone();
            more.flags.push(one);
            if load(&more).is_ok() {
                request = more;
            }
        }
        let Ok(loaded) = load(&request) else { return Ok(()) };
        let plain = self::request();
        for (format, name) in [(Format::Json, "a.json"), (Format::Yaml, "a.yaml")] {
            let written = text(&loaded.raw, format);
            match load_text(name.as_ref(), written.as_bytes(), &plain) {
                Ok(again) => {
                    prop_assert_eq!(&again.config, &loaded.config, "{}", written);
                    prop_assert_eq!(text(&again.raw, format), written);
                }
                Err(errors) => {
                    let said = render(errors.problems());
                    return Err(TestCaseError::fail(format!("{said}\n{written}")));
                }
            }
        }
    }

    #[test]
    fn any_bytes_end_with_an_answer_that_is_fit_for_a_terminal(
        bytes in proptest::collection::vec(any::<u8>(), 0..300)
    ) {
        for name in ["a.json", "a.yaml", "a.conf"] {
            if let Err(errors) = load_text(name.as_ref(), &bytes, &request()) {
                let said = render(errors.problems());
                prop_assert!(!said.chars().any(|c| c.is_control() && c != '\n'));
            }
        }
    }

    #[test]
    fn any_slip_in_a_good_file_ends_with_an_answer(
        at in 0..400_usize, with in "[\\[\\]{}:,\"'&*!|>#%@ \\n\\t~a1.-]{0,3}", cut in 0..4_usize
    ) {
        const GOOD: &str = include_str!("../corpus/good/xcpng_all.yaml");
        let at = at.min(GOOD.len());
        let end = (at + cut).min(GOOD.len());
        let slip = format!("{}{with}{}", &GOOD[..at], &GOOD[end..]);
        match load_text("a.yaml".as_ref(), slip.as_bytes(), &request()) {
            Ok(loaded) => prop_assert_eq!(loaded.problems.errors(), 0),
            Err(errors) => prop_assert!(errors.problems().errors() > 0),
        }
    }
}
