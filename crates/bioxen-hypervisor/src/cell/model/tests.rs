use super::*;
use crate::cell::numbers::integer;
use crate::cell::pools::{Pool, Reaction};

/// Costs per monomer are whole numbers that stand in the stoichiometry; the table must say the same.
#[test]
fn the_stoichiometry_is_that_of_the_table() {
    let parameters = Parameters::syn3a();
    let number = |name: &str| integer(parameters.number(name).expect("a row of the table"));
    let taken = |reaction: Reaction, pool: Pool| -> i64 {
        reaction
            .stoichiometry()
            .iter()
            .filter(|(p, _)| *p == pool)
            .map(|(_, n)| -n)
            .sum()
    };
    let costs = [
        (Reaction::Translation, Pool::Gtp, "cost_translation_gtp"),
        (Reaction::Charging, Pool::Atp, "cost_trna_charging"),
        (Reaction::AminoAcidImport, Pool::Atp, "cost_aa_import"),
        (
            Reaction::AtpHydrolysis,
            Pool::Atp,
            "cost_transcription_unwind",
        ),
        (Reaction::AtpHydrolysis, Pool::Atp, "cost_mrna_decay"),
        (
            Reaction::AtpHydrolysis,
            Pool::Atp,
            "cost_replication_unwind",
        ),
        (
            Reaction::ProteinDegradation,
            Pool::Atp,
            "cost_protein_decay",
        ),
        (
            Reaction::Polymerization(Base::Guanine),
            Pool::Gtp,
            "cost_transcription_monomer",
        ),
    ];
    for (reaction, pool, cost) in costs {
        assert_eq!(taken(reaction, pool), number(cost), "{cost}");
    }
    assert_eq!(
        number("energy_gate_hill"),
        10,
        "Constants::gate multiplies ten factors"
    );
    assert_eq!(
        number("ribosomes_per_mrna"),
        1,
        "a transcript is free or on one ribosome"
    );
}

#[test]
fn constants_that_no_cell_can_have_are_refused() {
    let table = include_str!("../../../data/parameters.csv");
    let check = |row: &str, bad: &str, expect: &str| {
        let start = table
            .find(&format!("\n{row},"))
            .expect("a row of the table")
            + 1;
        let length = table[start..].find('\n').expect("a line end");
        let text = format!(
            "{}{row},{bad},u,syn3a,BioXen,assumption,x{}",
            &table[..start],
            &table[start + length..]
        );
        let parameters = Parameters::from_csv(&text).expect("still a table");
        let error = CellModel::new(Organism::Syn3a, Genome::syn3a(), parameters).expect_err(expect);
        assert_eq!(error.to_string(), expect);
    };
    check(
        "atp_yield_glucose",
        "0",
        "parameter `atp_yield_glucose` is 0, not greater than 0",
    );
    check(
        "ribosome_elongation",
        "-1",
        "parameter `ribosome_elongation` is -1, not greater than 0",
    );
    check(
        "maintenance_floor",
        "1.5",
        "parameter `maintenance_floor` is 1.5, not from 0 to 1",
    );
    check(
        "rnap_subunits",
        "1x9999",
        "parameter `rnap_subunits` names the gene \"9999\", which the gene table lacks",
    );
}

#[test]
fn machines_and_paths_are_found_in_the_table() {
    let model = CellModel::syn3a();
    let parts = |machine: &Machine| machine.parts.len();
    assert_eq!(parts(&model.machines.ribosome), 52 + 3);
    assert_eq!(parts(&model.machines.rnap), 4);
    assert_eq!(parts(&model.machines.degradosome), 4);
    assert_eq!(parts(&model.machines.translocon), 4);
    assert_eq!(
        model.synthetases.len(),
        19,
        "20 genes, of which two make one synthetase"
    );
    assert_eq!(model.regeneration_path.len(), 14);
    assert_eq!(model.units.iter().filter(|u| u.expressed).count(), 490);
}
