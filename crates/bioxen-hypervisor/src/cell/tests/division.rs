//! Division, tried many times on the same mother.

use std::sync::Arc;

use bioxen_core::Organism;

use super::super::mechanism::Promoters;
use super::super::model::Machine;
use super::super::pools::Pool;
use super::super::{Cell, CellModel, CellOptions};
use super::books::{check_books, check_genes};
use super::{full_of, model, newborn, organisms, size};
use crate::stochastic::RandomStream;

/// Cells of two organisms in the instant before they divide; the minimal cell divides as syn3A does.
fn mothers() -> [Cell; 2] {
    [model(), organisms::dividing(20.0)].map(|model| mother(&model))
}

fn mother(model: &Arc<CellModel>) -> Cell {
    let full = full_of(model.organism());
    let mut cell = newborn(model, "mother", 8, full, CellOptions::default());
    while !cell.ready_to_divide() {
        cell.step_undivided();
    }
    cell
}

fn daughter(mother: &Cell, draw: u64) -> Cell {
    let mut daughter = mother.clone();
    daughter.stream = RandomStream::derive(draw, "daughter");
    daughter.divide();
    daughter
}

#[test]
fn invariant_12_daughters_sum_to_the_mother() {
    for mother in mothers() {
        check_sum(&mother);
    }
}

#[track_caller]
fn check_sum(mother: &Cell) {
    let before = mother.content();
    let already = mother.ledger.exported;
    for draw in 0..50 {
        let daughter = daughter(mother, draw);
        check_books(&daughter);
        check_genes(&daughter);
        // The other daughter is what the ledger calls exported: both together are the mother.
        let other = daughter.ledger.exported.minus(already);
        assert_eq!(daughter.content().plus(other), before);
        for amount in
            other
                .bases
                .into_iter()
                .chain([other.phosphorus, other.amino_acids, other.bonds])
        {
            assert!(
                amount > 0,
                "the other daughter has some of everything: {other:?}"
            );
        }
        for &pool in Pool::ALL {
            assert!(
                daughter.pools.get(pool) <= mother.pools.get(pool),
                "{}",
                pool.name()
            );
        }
        let (a, b) = (&daughter.genes, &mother.genes);
        for gene in 0..mother.model.products.len() {
            assert!(
                a.products[gene] <= b.products[gene]
                    && a.waiting_count[gene] <= b.waiting_count[gene]
            );
            assert!(a.translating[gene] <= b.translating[gene]);
        }
        for unit in 0..mother.model.units.len() {
            assert!(a.free[unit] <= b.free[unit] && a.decaying[unit] <= b.decaying[unit]);
            assert!(a.held[unit] <= b.held[unit]);
        }
    }
}

#[test]
fn invariant_12_each_daughter_gets_half_of_the_chromosomes_and_promoters() {
    for mother in mothers() {
        check_chromosomes(&mother);
    }
}

#[track_caller]
fn check_chromosomes(mother: &Cell) {
    let model = Arc::clone(mother.model());
    assert!(mother.chromosome.finished(&model).is_some());
    let younger = &mother.chromosome.rounds[1..];
    let holds_promoters = model.mechanisms.promoters == Promoters::Held;
    let twice_held: Vec<usize> = (0..model.units.len())
        .filter(|&unit| holds_promoters && mother.genes.held[unit] == 2)
        .collect();
    assert!(
        twice_held.is_empty() != holds_promoters,
        "choose a mother with both promoters of a unit at work"
    );
    for draw in 0..50 {
        let daughter = daughter(mother, draw);
        assert_eq!(daughter.chromosome.rounds.len(), younger.len());
        for (ours, hers) in daughter.chromosome.rounds.iter().zip(younger) {
            assert_eq!(2 * ours.origins, hers.origins);
            assert_eq!(
                (ours.copied_bp, ours.units_passed),
                (hers.copied_bp, hers.units_passed)
            );
        }
        assert_eq!(
            2 * daughter.chromosome.dna_bp(&model),
            mother.chromosome.dna_bp(&model)
        );
        assert_eq!(
            2 * daughter.chromosome.origins(),
            mother.chromosome.origins()
        );
        if model.organism() != Organism::Ecoli {
            assert!(daughter.chromosome.fires_at > daughter.seconds());
        }
        for (index, unit) in model.units.iter().enumerate() {
            assert_eq!(2 * daughter.genes.dose[index], mother.genes.dose[index]);
            assert_eq!(daughter.genes.dose[index] > 0, unit.expressed);
        }
        for &unit in &twice_held {
            assert_eq!(
                daughter.genes.held[unit], 1,
                "one polymerase on each chromosome, unit {unit}"
            );
        }
        assert_eq!(daughter.generation(), mother.generation() + 1);
        assert_eq!(daughter.divisions().last(), Some(&mother.time()));
        assert_eq!(daughter.time(), mother.time());
        assert_eq!(
            daughter.ledger.spent_in_all(),
            mother.ledger.spent_in_all(),
            "what was spent stays in the books"
        );
        assert_eq!(daughter.medium(), mother.medium());
        assert_eq!(daughter.regulation, mother.regulation, "it is a level");
    }
}

/// Squared deviations of the daughters' counts from half of the mother's, in units of a quarter of the mother's.
#[derive(Default)]
struct Split {
    draws: f64,
    deviation: f64,
    squares: f64,
    variance: f64,
}

impl Split {
    /// Binomial(n, 1/2): the squared deviation over n/4 has mean 1 and variance 2 − 2/n.
    fn add(&mut self, mother: i64, daughter: i64) {
        if mother > 0 {
            let n = mother as f64;
            let z = (daughter as f64 - 0.5 * n) / (0.5 * n.sqrt());
            self.draws += 1.0;
            self.deviation += z;
            self.squares += z * z;
            self.variance += 2.0 - 2.0 / n;
        }
    }

    /// Five standard deviations for the mean and for the variance: each is passed by one of 1.7 million seeds.
    #[track_caller]
    fn check(&self, what: &str) {
        assert!(self.draws > 0.0, "{what}: nothing to split");
        self.check_if_any(what);
    }

    /// As [`Split::check`], of what not every organism has.
    #[track_caller]
    fn check_if_any(&self, what: &str) {
        if self.draws == 0.0 {
            return;
        }
        let off = self.deviation / self.draws.sqrt();
        assert!(
            off.abs() < 5.0,
            "{what}: mean is {off} standard errors from half"
        );
        let excess = (self.squares - self.draws).abs();
        assert!(
            excess <= 5.0 * self.variance.sqrt(),
            "{what}: Σz² is {} of {} draws",
            self.squares,
            self.draws
        );
    }
}

#[test]
fn invariant_12_every_molecule_goes_to_either_daughter_by_a_fair_coin() {
    for mother in mothers() {
        check_coins(&mother);
    }
}

#[track_caller]
fn check_coins(mother: &Cell) {
    let model = Arc::clone(mother.model());
    let machines = [
        &model.machines.rnap,
        &model.machines.ribosome,
        &model.machines.degradosome,
        &model.machines.translocon,
    ];
    let is_part = |gene: usize| machines.iter().any(|machine| holds(machine, gene));
    let mut pools = Split::default();
    let (mut loose, mut waiting, mut free) = (Split::default(), Split::default(), Split::default());
    let (mut translating, mut decaying, mut held) =
        (Split::default(), Split::default(), Split::default());
    let (mut ribosomes, mut degradosomes, mut translocons) =
        (Split::default(), Split::default(), Split::default());
    let mut polymerases = Split::default();
    // One copy in each ribosome, made by one gene: all of its copies are drawn, in ribosomes or out of them.
    let single = |gene: usize| {
        model
            .machines
            .ribosome
            .parts
            .iter()
            .any(|(n, makers)| *n == 1 && *makers == [gene])
    };
    let in_ribosomes = (0..model.products.len())
        .find(|&gene| single(gene))
        .expect("ribosomes have proteins");
    let mut ribosomal = Split::default();
    for draw in 0..size(200, 2000) {
        let daughter = daughter(mother, draw);
        for &pool in Pool::ALL {
            if !matches!(pool, Pool::ChargedTrna | Pool::FreeTrna) {
                pools.add(mother.pools.get(pool), daughter.pools.get(pool));
            }
        }
        let (a, b) = (&mother.genes, &daughter.genes);
        let add = |split: &mut Split, mother: u32, daughter: u32| {
            split.add(mother.into(), daughter.into())
        };
        for gene in 0..model.products.len() {
            if !is_part(gene) {
                add(
                    &mut loose,
                    a.products[gene] - a.waiting_count[gene],
                    b.products[gene] - b.waiting_count[gene],
                );
                add(&mut waiting, a.waiting_count[gene], b.waiting_count[gene]);
            }
            add(&mut translating, a.translating[gene], b.translating[gene]);
            if gene == in_ribosomes {
                add(&mut ribosomal, a.products[gene], b.products[gene]);
            }
        }
        for unit in 0..model.units.len() {
            add(&mut free, a.free[unit], b.free[unit]);
            add(&mut decaying, a.decaying[unit], b.decaying[unit]);
            // Of two polymerases that hold both copies of a promoter each daughter gets one.
            if a.held[unit] == 1 || model.mechanisms.promoters == Promoters::Shared {
                add(&mut held, a.held[unit], b.held[unit]);
            }
        }
        ribosomes.add(
            mother.ribosomes.total.into(),
            daughter.ribosomes.total.into(),
        );
        if model.mechanisms.promoters == Promoters::Shared {
            polymerases.add(mother.rnap.total.into(), daughter.rnap.total.into());
        }
        degradosomes.add(
            mother.degradosomes.total.into(),
            daughter.degradosomes.total.into(),
        );
        translocons.add(
            mother.translocons.total.into(),
            daughter.translocons.total.into(),
        );
    }
    pools.check("pools");
    loose.check("products outside machines");
    waiting.check_if_any("proteins that wait for a translocon");
    free.check("free transcripts");
    translating.check("transcripts on ribosomes");
    decaying.check("transcripts on degradosomes");
    held.check("polymerases at work");
    ribosomes.check("ribosomes");
    degradosomes.check_if_any("degradosomes");
    translocons.check_if_any("translocons");
    polymerases.check_if_any("polymerases");
    ribosomal.check("a ribosomal protein");
}

#[test]
fn invariant_12_charged_and_free_trna_are_split_as_products_are() {
    for mother in mothers() {
        check_trna(&mother);
    }
}

#[track_caller]
fn check_trna(mother: &Cell) {
    let mut charged = Split::default();
    let mut all = Split::default();
    let trna = |cell: &Cell| cell.pools.get(Pool::ChargedTrna) + cell.pools.get(Pool::FreeTrna);
    for draw in 0..size(200, 2000) {
        let daughter = daughter(mother, draw);
        charged.add(
            mother.pools.get(Pool::ChargedTrna),
            daughter.pools.get(Pool::ChargedTrna),
        );
        all.add(trna(mother), trna(&daughter));
    }
    charged.check("charged tRNA");
    all.check("tRNA");
}

fn holds(machine: &Machine, gene: usize) -> bool {
    machine
        .parts
        .iter()
        .any(|(_, makers)| makers.contains(&gene))
}

#[test]
fn machines_that_an_organism_lacks_are_not_made_by_division() {
    for mother in mothers() {
        let daughter = daughter(&mother, 1);
        for (before, after) in [
            (mother.degradosomes, daughter.degradosomes),
            (mother.translocons, daughter.translocons),
        ] {
            assert!(
                after.total <= before.total,
                "{after:?} of {before:?} in {}",
                mother.model.organism()
            );
        }
    }
}

#[test]
fn no_product_is_a_part_of_two_kinds_of_machine() {
    for organism in Organism::ALL {
        let model = CellModel::of(organism);
        let m = &model.machines;
        for gene in 0..model.products.len() {
            let kinds = [&m.rnap, &m.ribosome, &m.degradosome, &m.translocon]
                .iter()
                .filter(|k| holds(k, gene))
                .count();
            assert!(
                kinds <= 1,
                "division draws the parts of each kind of machine by itself, gene {gene} of {organism}"
            );
            let product = &model.products[gene];
            assert!(
                product.unit < model.units.len() || product.copies_at_birth == 0,
                "division draws the products of units, gene {gene} of {organism}"
            );
        }
    }
}
