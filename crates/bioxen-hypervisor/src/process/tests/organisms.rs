//! Programs on cells of the other organisms.

use std::sync::OnceLock;

use bioxen_core::{
    AtpPercent, Organism, ProcessFailureKind as Kind, ProcessLimits, ProcessReport, Quota,
    RibosomeUnit, Seed, VmId,
};

use super::run_on;
use crate::cell::{Cell, CellOptions};
use crate::handle::Models;

/// A newborn cell of an organism.
pub(super) fn newborn_of(organism: Organism) -> Box<Cell> {
    static MODELS: OnceLock<Models> = OnceLock::new();
    let model = MODELS.get_or_init(Models::default).of(organism);
    let id = VmId::new("cell-1").expect("a plain name");
    let quota = Quota {
        atp: AtpPercent::FULL,
        ribosomes: organism.full_ribosome_units(),
        unit: RibosomeUnit::Share,
    };
    let options = CellOptions::default();
    Box::new(Cell::newborn(model, &id, Seed::new(7), quota, options))
}

fn run(organism: Organism, source: &str) -> ProcessReport {
    run_on(newborn_of(organism), source, &ProcessLimits::default()).1
}

fn ecoli(source: &str) -> ProcessReport {
    run(Organism::Ecoli, source)
}

fn minimal_cell(source: &str) -> ProcessReport {
    run(Organism::MinimalCell, source)
}

#[track_caller]
fn value(report: &ProcessReport) -> serde_json::Value {
    assert!(report.success, "{}", report.stderr);
    let json = report.result_json.as_deref().unwrap_or("null");
    serde_json::from_str(json).expect("a result is JSON")
}

#[track_caller]
fn check_refused(report: &ProcessReport, message: &str, hint: &str) {
    let failure = report.failure.as_ref().expect("it is refused");
    assert_eq!(
        (failure.kind, failure.message.as_str()),
        (Kind::Unsupported, message)
    );
    assert!(report.stderr.contains(hint), "{}", report.stderr);
}

#[test]
fn the_status_of_e_coli_has_its_names() {
    let status = value(&ecoli("advance(1)\nget_biological_status()"));
    assert_eq!(status["growth_phase"], "exponential");
    assert_eq!(status["growth_stopped_by"], serde_json::Value::Null);
    assert_eq!(status["plasmids"], 0);
    assert_eq!(status["status"], "viable");
    assert_eq!(status["growth_rate"], status["growth_rate_per_h"]);
    assert!(status["ppgpp"].as_f64().is_some_and(|level| level > 0.0));
    let operons = status["operons_active"].as_object().expect("a dictionary");
    assert!(operons.len() > 2_000);
    assert!(operons.values().any(|active| active == true));
    assert!(status.get("minimal_status").is_none());
    assert_eq!(status["sim_time"], 1.0);
}

/// As programs that look every 10 s for eight generations do: what nobody reads of a status takes no memory.
#[test]
fn a_status_may_be_looked_at_thousands_of_times() {
    for look in [
        "seen.append(get_biological_status()['growth_rate'])",
        "s = get_biological_status()\n    seen.append(s['growth_rate'] if 'growth_phase' in s else None)",
        "seen.append(get_biological_status(['growth_rate', 'ppgpp']))",
    ] {
        let program = format!(
            "seen = []\nfor n in range(2200):\n    {look}\n\
             [len(seen), seen[0] == seen[-1], seen[0] != None]"
        );
        let seen = value(&ecoli(&program));
        assert_eq!(seen.to_string(), "[2200,true,true]", "{look}");
    }
}

#[test]
fn what_is_read_of_a_status_is_the_same_with_and_without_the_others() {
    let read = value(&ecoli(
        "advance(1)\n\
         whole = get_biological_status()\n\
         part = get_biological_status()\n\
         def inside():\n    \
             own = get_biological_status()\n    \
             return [own['ppgpp'], 'ppgpp' in own, 'minimal_status' in own, 'x' not in own]\n\
         [len(whole), part['ppgpp'] == whole['ppgpp'], 'plasmids' in part, 'nothing' in part, \
          get_biological_status()['ppgpp'] == whole['ppgpp'], inside()[0] == whole['ppgpp'], \
          inside()[1:], get_biological_status()['operons_active'] == whole['operons_active'], \
          get_biological_status(['ppgpp', 'time_s'[:0] + 'sim_time'])]",
    ));
    assert_eq!(read[0], 16);
    let flags = &read.as_array().expect("a list")[1..8];
    let expect = "[true,true,false,true,true,[true,false,true],true]";
    assert_eq!(serde_json::json!(flags).to_string(), expect);
    assert_eq!(read[8]["sim_time"], 1.0);
    assert_eq!(read[8].as_object().map(serde_json::Map::len), Some(2));
    for (program, message, line) in [
        (
            "\nget_biological_status()['nothing']",
            "Key `\"nothing\"` was not found",
            2,
        ),
        (
            "s = get_biological_status()\n\ns['nothing']",
            "Key `\"nothing\"` was not found",
            3,
        ),
        (
            "get_biological_status(['growth_rat'])",
            "the cell has no metric named \"growth_rat\"",
            1,
        ),
    ] {
        let failure = ecoli(program).failure.expect("there is no such metric");
        assert_eq!(
            (failure.message.as_str(), failure.line),
            (message, Some(line)),
            "{program}"
        );
    }
    // A function of the same name is the program's own.
    let own = "def get_biological_status(): return {'a': 1}\n\
         s = get_biological_status()\n[s['a'], get_biological_status()['a'], 'b' in s]";
    assert_eq!(value(&ecoli(own)).to_string(), "[1,1,false]");
}

#[test]
fn the_genome_of_e_coli_is_looked_up_by_operon() {
    let found = value(&ecoli(
        "lac = genes('lacZ')[0]\n\
         [lac['name'], lac['synonyms'], operons()[lac['operon']], len(genes()) > 4000, plasmids()]",
    ));
    assert_eq!(found[0], "lacZ");
    assert_eq!(found[1], serde_json::json!(["b0344"]));
    assert_eq!(found[2]["name"], "lacZYA");
    assert_eq!(found[2]["regulation"], "inducible");
    assert_eq!(found[2]["default_state"], "off");
    assert_eq!(found[2]["genes"].as_array().map(Vec::len), Some(3));
    assert!(
        found[2]["fold_range"]
            .as_f64()
            .is_some_and(|fold| fold > 1.0)
    );
    assert_eq!(
        (&found[3], &found[4]),
        (&true.into(), &serde_json::json!({}))
    );
    let essential = value(&ecoli("essential_genes()"));
    assert!(essential.as_array().is_some_and(|genes| genes.len() > 200));
    // A result of all operons fits in the output that is allowed.
    assert!(value(&ecoli("operons()")).is_object());
}

#[test]
fn operons_of_e_coli_are_switched_by_hand_and_by_the_medium() {
    let changes = value(&ecoli(
        "held = manage_operons(['lacZYA', 'trpLEDCBA'], 'repress')\n\
         given_back = manage_operons(['trpLEDCBA'], action = 'release')\n\
         medium = set_medium('rich', inducers = ['arabinose'])\n\
         [held, given_back, medium, set_medium()['inducers']]",
    ));
    assert_eq!(changes[0]["lacZYA"]["activity_after"], 1.0);
    assert_eq!(changes[0]["trpLEDCBA"]["name"], "trpLEDCBA");
    assert_eq!(changes[0]["trpLEDCBA"]["activity_before"], 1.0);
    assert_eq!(changes[1]["trpLEDCBA"]["activity_after"], 1.0);
    assert_eq!(changes[2]["amino_acids"], true);
    assert_eq!(changes[3], serde_json::json!(["arabinose"]));
    for (call, message) in [
        (
            "manage_operons(['lacZY'])",
            "the cell has no operon named \"lacZY\"",
        ),
        (
            "manage_operons(['lacZYA'], 'boost')",
            "action of manage_operons is boost, and must be activate, repress or release",
        ),
        (
            "set_medium('broth')",
            "the cell knows no medium named \"broth\"",
        ),
        (
            "set_medium(inducers = ['itpg'])",
            "no operon of the cell answers to \"itpg\"",
        ),
    ] {
        let report = ecoli(call);
        let failure = report.failure.expect("it is refused");
        assert_eq!(failure.message, message, "{call}");
    }
}

#[test]
fn genes_of_e_coli_are_not_started_alone() {
    for call in ["start_transcription", "stop_transcription"] {
        check_refused(
            &ecoli(&format!("{call}(['lacZ'])")),
            "cells of ecoli cannot start transcription",
            "hint: its genes are switched by operon: use manage_operons",
        );
    }
}

#[test]
fn the_status_of_a_minimal_cell_has_its_names() {
    let status = value(&minimal_cell("advance(10)\nget_biological_status()"));
    assert_eq!(
        status["basic_functions"],
        serde_json::json!([
            "dna_replication",
            "protein_synthesis",
            "energy_production",
            "support"
        ])
    );
    assert!(status["efficiency"].is_number());
    let functions = status["function_efficiency"]
        .as_object()
        .expect("a dictionary");
    assert_eq!(functions.len(), 4);
    let used = &status["resource_usage"];
    assert!(used["ribosomes"].as_u64() > Some(0));
    assert!(used["atp_per_s"]["translation"].as_f64() > Some(0.0));
    assert!(used["pools"]["ATP"].as_u64() > Some(0));
    assert_eq!(status["minimal_status"], "viable");
}

#[test]
fn a_minimal_cell_is_asked_by_gene() {
    let found = value(&minimal_cell(
        "change = start_transcription(['dnaA'])['dnaA']\n\
         [change['activity_after'] >= 1, genes('dnaA')[0]['basic_function'], len(genes()), len(essential_genes()) > 100]",
    ));
    assert_eq!(
        found,
        serde_json::json!([true, "dna_replication", 279, true])
    );
    check_refused(
        &minimal_cell("plasmids()"),
        "cells of minimal_cell cannot count plasmids",
        "hint: only offered by ecoli",
    );
    check_refused(
        &minimal_cell("manage_operons(['lac'])"),
        "cells of minimal_cell cannot manage operons",
        "use start_transcription",
    );
}
