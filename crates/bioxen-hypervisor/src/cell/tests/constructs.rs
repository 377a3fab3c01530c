//! What a cell does with a construct, and what the construct does to the cell.

use std::sync::Arc;

use bioxen_core::{Organism, Seed};

use super::super::construct::{
    Carrier, Construct, ConstructGene, ConstructUnit, Control, ControlAction,
};
use super::super::ledger::Cause;
use super::super::{Cell, CellModel, CellOptions};
use super::organisms::dividing;
use super::{full_of, name, newborn};

fn protein(name: &str) -> ConstructGene {
    ConstructGene {
        name: name.to_owned(),
        residues: 200,
        translation: 1.0,
        half_life_s: None,
        maturation_s: None,
    }
}

fn unit(name: &str, genes: Vec<ConstructGene>) -> ConstructUnit {
    ConstructUnit {
        name: name.to_owned(),
        strength: 50.0,
        leak: 0.0,
        controls: Vec::new(),
        message_half_life_s: None,
        genes,
    }
}

fn plasmid(name: &str, copies: f64, units: Vec<ConstructUnit>) -> Construct {
    Construct {
        name: name.to_owned(),
        version: "1.0.0".to_owned(),
        carrier: Carrier::Plasmid {
            length_bp: 3000,
            gc_content: 0.5,
            copies,
        },
        units,
    }
}

fn repressed_by(regulator: &str, inducer: Option<&str>) -> Vec<Control> {
    vec![Control {
        regulator: regulator.to_owned(),
        action: ControlAction::Represses,
        half_nm: 100.0,
        hill: 2.0,
        inducer: inducer.map(str::to_owned),
    }]
}

fn cell(model: &Arc<CellModel>) -> Cell {
    let full = full_of(model.organism());
    newborn(model, "host", 5, full, CellOptions::default())
}

#[track_caller]
fn check_books(cell: &Cell) {
    assert_eq!(cell.content(), cell.ledger.matter_due());
}

fn steps(cell: &mut Cell, n: u32) {
    for _ in 0..n {
        cell.step();
        check_books(cell);
    }
}

/// In the chromosome: syn3A has too few building blocks for a plasmid.
fn integrated(units: Vec<ConstructUnit>) -> Construct {
    Construct {
        carrier: Carrier::Chromosome { position_bp: 1000 },
        ..plasmid("p", 1.0, units)
    }
}

/// A circuit of every kind of part: two genes behind one promoter, a repressor with a tag, a reporter that matures.
fn circuit() -> Construct {
    let tagged = ConstructGene {
        half_life_s: Some(300.0),
        ..protein("switchR")
    };
    let reporter = ConstructGene {
        maturation_s: Some(60.0),
        ..protein("glow")
    };
    let repressed = ConstructUnit {
        controls: repressed_by("switchR", Some("aTc")),
        leak: 0.01,
        ..unit("out", vec![reporter])
    };
    plasmid(
        "circuit",
        20.0,
        vec![unit("in", vec![tagged, protein("passenger")]), repressed],
    )
}

#[test]
fn books_close_with_a_construct_through_division_image_and_removal() {
    let model = dividing(4.0);
    let mut cell = cell(&model);
    steps(&mut cell, 2);
    cell.install(&circuit()).expect("it fits");
    check_books(&cell);
    assert_eq!(cell.plasmid_copies(), [("circuit", 20)]);
    steps(&mut cell, 6);
    assert!(cell.generation() > 0, "it divided with the construct");
    assert!(cell.plasmid_copies()[0].1 < 20);
    let image = cell.save(&name("host"), Seed::new(5));
    let mut again = Cell::restore(&model, &image, &name("host"), Seed::new(5)).expect("own image");
    assert_eq!(again.constructs(), [circuit()]);
    assert_eq!(again.fingerprint(), cell.fingerprint());
    steps(&mut again, 2);
    steps(&mut cell, 2);
    assert_eq!(again.fingerprint(), cell.fingerprint());
    cell.uninstall("circuit").expect("nothing needs it");
    check_books(&cell);
    assert!(Arc::ptr_eq(cell.model(), &model));
    assert!(cell.constructs().is_empty() && cell.plasmid_copies().is_empty());
    steps(&mut cell, 2);
}

/// Removal is an edit from outside: what the construct was and made leaves, is booked to the last base, and nothing of the
/// host changes but that its machines come free.
#[test]
fn removal_takes_what_was_made_and_nothing_of_the_host() {
    #[track_caller]
    fn check(organism: Organism, construct: &Construct, gene: &str) {
        let model = Arc::new(CellModel::of(organism));
        let mut cell = cell(&model);
        cell.install(construct).expect("it fits");
        steps(&mut cell, 600);
        let index = cell.find_gene(gene).expect("it is there").index();
        let unit = cell.model.products[index].unit;
        assert!(cell.genes.made[index] > 0, "{organism}: it was expressed");
        assert!(
            cell.genes.free[unit] + cell.genes.translating[index] > 0,
            "{organism}: a message is there"
        );
        let host = model.products.len();
        let before = cell.clone();
        cell.uninstall(&construct.name).expect("nothing needs it");
        check_books(&cell);
        super::books::check_books(&cell);
        super::books::check_genes(&cell);
        assert!(Arc::ptr_eq(cell.model(), &model));
        assert_eq!(cell.genes.products, before.genes.products[..host]);
        assert_eq!(cell.genes.free, before.genes.free[..model.units.len()]);
        assert_eq!(cell.pools, before.pools);
        for (now, then) in [
            (cell.rnap, before.rnap),
            (cell.ribosomes, before.ribosomes),
            (cell.degradosomes, before.degradosomes),
        ] {
            assert_eq!(now.total, then.total);
            assert!(now.bound <= then.bound);
        }
        let left = before.content().minus(cell.content());
        assert!(left.amino_acids > 0 && left.bases.iter().all(|bases| *bases > 0));
        let booked = before.ledger.imported.minus(cell.ledger.imported);
        assert_eq!(booked, left);
        assert_eq!(
            cell.ledger.spent_in_all(),
            before.ledger.spent_in_all(),
            "no reaction ran"
        );
        // An image of it passes every check of the reader.
        let image = cell.save(&name("host"), Seed::new(5));
        Cell::restore(&model, &image, &name("host"), Seed::new(5)).expect("own image");
        steps(&mut cell, 20);
    }
    check(Organism::Ecoli, &circuit(), "switchR");
    let one = integrated(vec![unit("u", vec![protein("x")])]);
    check(Organism::Syn3a, &one, "x");
    check(Organism::MinimalCell, &one, "x");
}

/// What was asked of operons stays with each, and what only a construct knew goes with it.
#[test]
fn settings_and_inducers_survive_what_is_taken_away() {
    let model = Arc::new(CellModel::ecoli());
    let mut cell = cell(&model);
    let one = |name: &str, gene: &str| plasmid(name, 5.0, vec![unit("u", vec![protein(gene)])]);
    cell.install(&one("first", "one")).expect("it fits");
    cell.install(&circuit()).expect("it fits");
    let operons = ["lacZYA", "first.u", "circuit.in"]
        .map(|id| bioxen_core::OperonId::new(id).expect("a plain name"));
    cell.manage_operons(&operons, bioxen_core::OperonAction::Repress)
        .expect("all of them are there");
    cell.set_inducers(&["aTc".to_owned(), "IPTG".to_owned()])
        .expect("both are known");
    let activity = |cell: &Cell, gene: &str| {
        let gene = cell.find_gene(gene).expect("it is there").index();
        cell.genes.activity[cell.model.products[gene].unit]
    };
    let rate = cell.growth.rate;
    cell.uninstall("first").expect("nothing needs it");
    assert_eq!(activity(&cell, "switchR"), 0.01);
    cell.uninstall("circuit").expect("nothing needs it");
    assert_eq!(cell.inducers(), ["IPTG"]);
    assert_eq!(activity(&cell, "lacZ"), 1.0, "held off by hand");
    let image = cell.save(&name("host"), Seed::new(5));
    Cell::restore(&model, &image, &name("host"), Seed::new(5)).expect("own image");
    steps(&mut cell, 2);
    assert!(
        (cell.growth.rate / rate - 1.0).abs() < 0.01,
        "no false collapse"
    );
}

#[test]
fn a_second_construct_stays_as_it_is_when_the_first_goes() {
    let mut cell = cell(&Arc::new(CellModel::ecoli()));
    cell.install(&plasmid(
        "first",
        5.0,
        vec![unit("u", vec![protein("one")])],
    ))
    .expect("it fits");
    cell.install(&plasmid(
        "second",
        7.0,
        vec![unit("u", vec![protein("two")])],
    ))
    .expect("it fits");
    let count = |cell: &Cell| {
        let gene = cell.find_gene("two").expect("it is there").index();
        let unit = cell.model.products[gene].unit;
        (
            cell.genes.products[gene],
            cell.genes.free[unit],
            cell.genes.dose[unit],
        )
    };
    let gene = cell.find_gene("two").expect("it is there").index();
    cell.genes.products[gene] = 33;
    let model = Arc::clone(&cell.model);
    cell.recount(&model);
    let before = count(&cell);
    cell.uninstall("first").expect("nothing needs it");
    assert_eq!(count(&cell), before);
    assert_eq!(before.0, 33);
    assert_eq!(cell.plasmid_copies(), [("second", 7)]);
    assert!(cell.find_gene("one").is_err());
}

#[test]
fn what_does_not_fit_is_refused_by_name_and_changes_nothing() {
    #[track_caller]
    fn check(organism: Organism, construct: &Construct, expect: &str) {
        let mut cell = cell(&Arc::new(CellModel::of(organism)));
        let before = cell.fingerprint();
        let error = cell.install(construct).expect_err("it does not fit");
        assert_eq!(error.to_string(), expect);
        assert_eq!(cell.fingerprint(), before);
    }
    let ecoli = Organism::Ecoli;
    let one = |unit: ConstructUnit| plasmid("p", 10.0, vec![unit]);
    check(
        ecoli,
        &one(unit("u", vec![protein("lacZ")])),
        "unit \"u\", gene \"lacZ\": the cell has a gene of that name already",
    );
    check(
        ecoli,
        &one(unit("u", Vec::new())),
        "unit \"u\": it has no gene",
    );
    let lost = ConstructUnit {
        controls: repressed_by("tetX", None),
        ..unit("u", vec![protein("x")])
    };
    check(
        ecoli,
        &one(lost),
        "unit \"u\": its regulator: no gene is called \"tetX\"",
    );
    check(
        ecoli,
        &plasmid("p", 0.0, Vec::new()),
        "plasmid \"p\": a copy number is from 0.5 to 5000",
    );
    check(
        Organism::Syn3a,
        &integrated(vec![unit("u", vec![protein("x"), protein("y")])]),
        "unit \"u\": in this organism a message carries one ribosome and one gene: give each gene a promoter",
    );
    let strong = ConstructGene {
        translation: 2.0,
        ..protein("x")
    };
    check(
        Organism::Syn3a,
        &plasmid("p", 5.0, Vec::new()),
        "plasmid \"p\": the host has building blocks for 113 bp at a time: put the genes into the chromosome",
    );
    check(
        Organism::Syn3a,
        &integrated(vec![unit("u", vec![strong])]),
        "unit \"u\", gene \"x\": in this organism ribosomes bind every message alike: its binding site must be 1",
    );
}

#[test]
fn a_needed_regulator_cannot_be_taken_away() {
    let mut cell = cell(&Arc::new(CellModel::ecoli()));
    cell.install(&plasmid("r", 5.0, vec![unit("u", vec![protein("repX")])]))
        .expect("it fits");
    let repressed = ConstructUnit {
        controls: repressed_by("repX", None),
        ..unit("u", vec![protein("out")])
    };
    cell.install(&plasmid("o", 5.0, vec![repressed]))
        .expect("its regulator is there");
    assert!(cell.uninstall("r").is_err());
    assert_eq!(cell.constructs().len(), 2);
    cell.uninstall("o").expect("nothing needs it");
    cell.uninstall("r").expect("nothing needs it any more");
    cell.uninstall("r").expect("it is gone already");
}

#[test]
fn a_repressor_holds_its_promoter_by_the_hill_function_until_it_is_induced() {
    let mut cell = cell(&Arc::new(CellModel::ecoli()));
    cell.install(&circuit()).expect("it fits");
    let repressor = cell.find_gene("switchR").expect("it is there").index();
    let reporter = cell.find_gene("glow").expect("it is there").index();
    let unit = cell.model.products[reporter].unit;
    let factor = |cell: &mut Cell, copies: u32| {
        cell.genes.products[repressor] = copies;
        cell.control();
        cell.genes.control[unit]
    };
    // 100 nM over the volume of the cell.
    let half = 100e-6 * 602.214_076 * cell.geometry.volume_al;
    assert!((factor(&mut cell, 0) - 1.0).abs() < 1e-12);
    let at_half = factor(&mut cell, super::super::numbers::count(half));
    assert!((at_half - (0.01 + 0.99 * 0.5)).abs() < 0.01, "{at_half}");
    assert!(factor(&mut cell, 100_000) < 0.0101);
    cell.set_inducers(&["aTc".to_owned()])
        .expect("a promoter of the construct answers to it");
    assert!((factor(&mut cell, 100_000) - 1.0).abs() < 1e-12);
    assert!(cell.set_inducers(&["anything".to_owned()]).is_err());
    assert_eq!(cell.inducers(), ["aTc"]);
}

#[test]
fn tagged_proteins_go_and_young_ones_mature_at_their_rates() {
    let mut cell = cell(&Arc::new(CellModel::syn3a()));
    let fading = ConstructGene {
        half_life_s: Some(20.0),
        residues: 10,
        ..protein("fading")
    };
    let young = ConstructGene {
        maturation_s: Some(20.0),
        ..protein("young")
    };
    let silent = |name: &str, gene: ConstructGene| ConstructUnit {
        strength: 0.0,
        ..unit(name, vec![gene])
    };
    let units = vec![silent("a", fading), silent("b", young)];
    cell.install(&integrated(units)).expect("it fits");
    let model = Arc::clone(&cell.model);
    let of = |cell: &Cell, name: &str| cell.find_gene(name).expect("it is there").index();
    let (fading, young) = (of(&cell, "fading"), of(&cell, "young"));
    cell.genes.products[fading] = 2000;
    cell.genes.products[young] = 2000;
    cell.genes.immature[young] = 2000;
    for gene in [fading, young] {
        cell.genes.refresh_fate(gene, &model);
    }
    cell.recount(&model);
    let content = cell.content();
    cell.ledger = super::super::ledger::Ledger::new(content);
    steps(&mut cell, 40);
    // Half of 2,000 after one half-life, and 1/e of them after one mean time: within five standard deviations.
    let left = f64::from(cell.genes.products[fading]);
    assert!((left - 1000.0).abs() < 5.0 * 22.4, "{left}");
    let immature = f64::from(cell.genes.immature[young]);
    assert!((immature - 735.8).abs() < 5.0 * 21.6, "{immature}");
    assert_eq!(cell.genes.products[young], 2000);
    assert!(cell.ledger.spent(Cause::ProteinDecay) > 0);
}

/// pUC19 at 500 copies is a third of a chromosome of DNA.
#[test]
fn a_plasmid_without_genes_costs_what_its_dna_costs() {
    let spent = |copies: f64| {
        let mut cell = cell(&Arc::new(CellModel::ecoli()));
        if copies > 0.0 {
            cell.install(&plasmid("p", copies, Vec::new()))
                .expect("it fits");
            cell.plasmids[0] /= 2;
            let content = cell.content();
            cell.ledger = super::super::ledger::Ledger::new(content);
        }
        let before = cell.ledger.spent(Cause::Replication);
        steps(&mut cell, 40);
        (
            cell.ledger.spent(Cause::Replication) - before,
            cell.plasmids.first().copied().unwrap_or(0),
        )
    };
    let (without, _) = spent(0.0);
    let (with, copies) = spent(500.0);
    assert!(copies > 250, "{copies} copies");
    // Five bonds a base pair: four of two dNTP and one of unwinding. Forks share the building blocks with it.
    let due = f64::from(copies - 250) * 3000.0 * 5.0;
    let paid = super::super::numbers::signed_real(with - without);
    assert!((paid / due - 1.0).abs() < 0.1, "{paid} of {due}");
}
