//! Any bytes as a configuration: an answer that is fit for a terminal, and what loads is written so that it loads again.

#![no_main]

use bioxen_config::{Format, Request, Surroundings, load_text, render, text};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let request = Request::new(Surroundings::nowhere());
    for name in ["a.json", "a.yaml", "a.conf"] {
        match load_text(name.as_ref(), bytes, &request) {
            Ok(loaded) => {
                let written = text(&loaded.raw, Format::Yaml);
                let again = load_text("a.yaml".as_ref(), written.as_bytes(), &request);
                // A password is not written, so that its section may lack one afterwards.
                if let Ok(again) = again {
                    assert_eq!(text(&again.raw, Format::Yaml), written);
                }
            }
            Err(errors) => {
                let said = render(errors.problems());
                assert!(!said.chars().any(|c| c.is_control() && c != '\n'));
            }
        }
    }
});
