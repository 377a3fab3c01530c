use std::collections::{BTreeMap, BTreeSet};
use std::error::Error as _;

use bioxen_core::{
    BiologicalMetrics, EcoliMetrics, GrowthPhase, MinimalCellMetrics, Molecules, OrganismMetrics,
    ProcessReport, ResourcesInUse, SimTime, Syn3aMetrics, Vitality,
};
use proptest::collection::vec;
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::Answer;
use crate::message::testing::{PAGE, altered, answer, examples};
use crate::message::{Message, MessageError};

fn decode(json: &str, body: &[u8]) -> Result<Answer, MessageError> {
    Answer::decode(Message {
        json: json.as_bytes().to_vec(),
        body: body.to_vec(),
    })
}

#[track_caller]
fn check_refused(json: &str, body: &[u8], expect: &str) {
    let error = decode(json, body).expect_err("not an answer");
    let told = match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    };
    assert!(told.starts_with(expect), "{told}");
}

fn metrics(organism: OrganismMetrics) -> Answer {
    Answer::Metrics(Box::new(BiologicalMetrics {
        sim_time: SimTime::from_micros(1_500_000),
        generation: 2,
        growth_rate_per_h: 0.1,
        energy_charge: 1.0,
        volume_al: 34.5,
        surface_nm2: 30000.5,
        protein_total: Molecules::new(u64::MAX),
        mrna_total: Molecules::new(0),
        dna_bp: 543_379,
        organism,
    }))
}

#[track_caller]
fn check_metrics(organism: OrganismMetrics, expect: &str) {
    let answer = metrics(organism);
    let message = answer.encode().expect("short");
    let json = String::from_utf8(message.json.clone()).expect("JSON is text");
    let common = r#"{"answer":"metrics","value":{"sim_time_us":1500000,"generation":2,"growth_rate_per_h":0.1,"energy_charge":1.0,"volume_al":34.5,"surface_nm2":30000.5,"protein_total":18446744073709551615,"mrna_total":0,"dna_bp":543379,"organism":"#;
    assert_eq!(json, format!("{common}{expect}}}}}"));
    assert_eq!(Answer::decode(message).expect("an answer"), answer);
}

#[test]
fn metrics_have_the_names_of_the_design() {
    check_metrics(
        OrganismMetrics::Syn3a(Syn3aMetrics {
            atp_percent: 87.5,
            essential_genes_count: 260,
            essential_genes_total: 270,
            essential_and_quasi_count: 400,
            essential_and_quasi_total: 418,
            minimal_status: Vitality::Viable,
        }),
        r#"{"syn3a":{"atp_percent":87.5,"essential_genes_count":260,"essential_genes_total":270,"essential_and_quasi_count":400,"essential_and_quasi_total":418,"minimal_status":"viable"}}"#,
    );
    check_metrics(
        OrganismMetrics::Ecoli(EcoliMetrics {
            growth_rate: -0.0,
            growth_phase: GrowthPhase::StationaryEnergy,
            ppgpp: f64::INFINITY,
            plasmids: 3,
            operons_active: BTreeMap::from([("lacZYA".to_owned(), true)]),
            status: Vitality::Dead,
        }),
        r#"{"ecoli":{"growth_rate":-0.0,"growth_phase":"stationary_energy","ppgpp":"inf","plasmids":3,"operons_active":{"lacZYA":true},"status":"dead"}}"#,
    );
    check_metrics(
        OrganismMetrics::MinimalCell(MinimalCellMetrics {
            basic_functions: vec!["translation".to_owned()],
            efficiency: 0.5,
            function_efficiency: BTreeMap::from([("translation".to_owned(), 0.25)]),
            resource_usage: ResourcesInUse {
                atp_per_s: BTreeMap::from([("growth".to_owned(), f64::NEG_INFINITY)]),
                ribosomes: Molecules::new(12),
                rnap: Molecules::new(4),
                pools: BTreeMap::from([("ATP".to_owned(), 9)]),
            },
            minimal_status: Vitality::Stressed,
        }),
        r#"{"minimal_cell":{"basic_functions":["translation"],"efficiency":0.5,"function_efficiency":{"translation":0.25},"resource_usage":{"atp_per_s":{"growth":"-inf"},"ribosomes":12,"rnap":4,"pools":{"ATP":9}},"minimal_status":"stressed"}}"#,
    );
}

#[test]
fn every_kind_is_on_the_page_with_an_example_that_is_complete() {
    let mut seen = BTreeSet::new();
    for example in examples("answer") {
        let value = &example["value"];
        let texts = ["stdout_bytes", "stderr_bytes", "result_bytes"];
        let length: u64 = texts.iter().filter_map(|text| value[text].as_u64()).sum();
        let body = "x".repeat(usize::try_from(length).expect("a short text"));
        let answer = decode(&example.to_string(), body.as_bytes()).expect("an answer");
        let again = answer.encode().expect("short").json;
        let again: serde_json::Value = serde_json::from_slice(&again).expect("JSON");
        assert_eq!(again, example);
        let kind = answer.kind();
        assert!(PAGE.contains(&format!("`{kind}`: ")), "{kind}");
        seen.insert(kind);
    }
    let mut runner = TestRunner::deterministic();
    let mut all = BTreeSet::from(["refused"]);
    for _ in 0..2_000 {
        all.insert(
            answer()
                .new_tree(&mut runner)
                .expect("an answer")
                .current()
                .kind(),
        );
    }
    assert_eq!(seen, all);
}

#[test]
fn a_value_stands_apart() {
    let message = Answer::Reached(SimTime::from_micros(500_000)).encode();
    let json = String::from_utf8(message.expect("short").json);
    assert_eq!(
        json.as_deref(),
        Ok(r#"{"answer":"reached","value":500000}"#)
    );
}

#[test]
fn the_texts_of_a_process_are_the_body() {
    let report = ProcessReport {
        success: true,
        result_json: Some("[1]".to_owned()),
        stdout: "out\n".to_owned(),
        stderr: "ü".to_owned(),
        failure: None,
        started_at: SimTime::ZERO,
        ended_at: SimTime::from_micros(7),
        steps: 12,
    };
    let message = Answer::Process(Box::new(report)).encode().expect("short");
    assert_eq!(
        String::from_utf8(message.json).as_deref(),
        Ok(
            r#"{"answer":"process","value":{"success":true,"stdout_bytes":4,"stderr_bytes":2,"result_bytes":3,"failure":null,"started_at_us":0,"ended_at_us":7,"steps":12}}"#
        )
    );
    assert_eq!(message.body, "out\nü[1]".as_bytes());
}

#[test]
fn lengths_that_do_not_add_up_are_refused() {
    let report = |stdout: &str, stderr: u8, result: &str| {
        format!(
            r#"{{"answer":"process","value":{{"success":true,"stdout_bytes":{stdout},"stderr_bytes":{stderr},"result_bytes":{result},"started_at_us":0,"ended_at_us":7,"steps":12}}}}"#
        )
    };
    assert!(decode(&report("1", 2, "3"), b"abbccc").is_ok());
    check_refused(
        &report("1", 2, "3"),
        b"abb",
        "the message cannot be read at result_bytes: 3 bytes are announced and 0 are left",
    );
    check_refused(
        &report("18446744073709551615", 2, "3"),
        b"abb",
        "the message cannot be read at stdout_bytes",
    );
    check_refused(
        &report("1", 2, "null"),
        b"abbc",
        "a body of 4 bytes does not go with process",
    );
    check_refused(
        &report("1", 1, "null"),
        "ü".as_bytes(),
        "the message cannot be read at body: incomplete utf-8",
    );
}

#[test]
fn what_is_newer_is_passed_over_or_named() {
    let json = r#"{"later":[1],"answer":"plasmids","value":3,"more":{"a":{}}}"#;
    assert_eq!(decode(json, b"").ok(), Some(Answer::Plasmids(3)));
    let json = r#"{"answer":"done","value":{"later":true}}"#;
    assert_eq!(decode(json, b"").ok(), Some(Answer::Done));
    check_refused(
        r#"{"answer":"teleported","value":3}"#,
        b"",
        "unknown kind of answer \"teleported\"",
    );
    check_refused(
        r#"{"answer":"plasmids"}"#,
        b"",
        "the message lacks the field value",
    );
    check_refused(
        r#"{"answer":"plasmids","value":-3}"#,
        b"",
        "the message cannot be read at value: invalid value",
    );
    check_refused(
        r#"{"answer":"packages","value":[{"name":"a","version":"1","place":"moon"}]}"#,
        b"",
        "the message cannot be read at value[0].place: unknown variant `moon`",
    );
    check_refused(
        r#"{"answer":"plasmids","value":3}"#,
        b"x",
        "a body of 1 bytes does not go with plasmids",
    );
}

proptest! {
    #[test]
    fn answers_come_back_as_they_were(answer in answer()) {
        let message = answer.encode().expect("short enough");
        prop_assert_eq!(Answer::decode(message).expect("an answer"), answer);
    }

    #[test]
    fn foreign_bytes_are_refused_and_never_panic(
        json in vec(any::<u8>(), 0..200),
        body in vec(any::<u8>(), 0..20),
    ) {
        let read = Answer::decode(Message { json, body });
        prop_assert!(read.is_err());
    }

    #[test]
    fn damaged_answers_never_panic(
        answer in answer(),
        at in any::<usize>(),
        byte in any::<u8>(),
        cut in any::<bool>(),
    ) {
        let mut message = answer.encode().expect("short enough");
        let at = at % message.json.len();
        if cut {
            message.json.truncate(at);
        } else {
            message.json[at] = byte;
        }
        drop(Answer::decode(message));
    }

    #[test]
    fn other_values_in_fields_never_panic(
        answer in answer(),
        place in any::<usize>(),
        value in any::<usize>(),
    ) {
        let mut message = answer.encode().expect("short enough");
        message.json = altered(&message.json, place, value);
        if let Err(error) = Answer::decode(message) {
            prop_assert!(!error.to_string().contains(char::is_control));
        }
    }
}
