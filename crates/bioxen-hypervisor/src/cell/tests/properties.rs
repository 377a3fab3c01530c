//! Any sequence of what users do keeps the books closed; sums carried along equal sums made anew.

use std::sync::Arc;

use bioxen_core::{Elongation, Seed, SimSpan};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::super::construct::Construct;
use super::super::mechanism::{Loading, Promoters, Turnover};
use super::super::model::WEIGHT;
use super::super::numbers::whole;
use super::super::{COUPLING_STEP, Cell, CellModel, CellOptions, Medium};
use super::books::{check_books, check_genes};
use super::manifests::{INDUCERS, NAMES, construct};
use super::{STEPS_PER_MIN, full, full_of, model, name, newborn, organisms, quota, size};
use crate::genome::GeneKind;
use crate::stochastic::Chains;

/// What a user may do to a cell; genes are taken modulo their number.
#[derive(Debug, Clone)]
enum Deed {
    /// Share of the longest span.
    Advance(f64),
    Grant(u16, u32),
    Feed(Medium),
    Start(usize),
    Stop(usize),
    KnockOut(usize),
    KnockDown(usize, f64),
    RestoreGene(usize),
    Install(Construct),
    /// One of [`NAMES`].
    TakeAway(usize),
    /// Which of [`INDUCERS`] the medium holds.
    Induce(bool, bool),
    Reload,
    Fork(u64),
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => (0.0..1.0).prop_map(Deed::Advance),
        2 => (0_u16..=10_000, 0_u32..=40).prop_map(|(atp, units)| Deed::Grant(atp, units)),
        1 => Just(Deed::Grant(0, 15)),
        1 => medium().prop_map(Deed::Feed),
        1 => any::<usize>().prop_map(Deed::Start),
        1 => any::<usize>().prop_map(Deed::Stop),
        1 => any::<usize>().prop_map(Deed::KnockOut),
        1 => (any::<usize>(), 0.0..=1.0).prop_map(|(gene, factor)| Deed::KnockDown(gene, factor)),
        1 => any::<usize>().prop_map(Deed::RestoreGene),
        2 => construct().prop_map(Deed::Install),
        1 => (0..NAMES.len()).prop_map(Deed::TakeAway),
        1 => (any::<bool>(), any::<bool>()).prop_map(|(iptg, atc)| Deed::Induce(iptg, atc)),
        1 => Just(Deed::Reload),
        1 => any::<u64>().prop_map(Deed::Fork),
    ]
}

/// Media from nothing to more than any cell can use.
fn medium() -> impl Strategy<Value = Medium> {
    let glucose = prop_oneof![Just(0.0), 0.0..0.1, 0.0..30.0];
    let nutrition = prop_oneof![Just(0.0), 0.0..0.002];
    let volume = prop_oneof![Just(f64::INFINITY), 1e3..1e8];
    (
        glucose,
        any::<bool>(),
        any::<bool>(),
        nutrition,
        0.0..2.0,
        volume,
    )
        .prop_map(
            |(glucose_mm, amino_acids, nucleosides, nutrition, energy, volume_al)| Medium {
                glucose_mm,
                amino_acids,
                nucleosides,
                nutrition,
                energy,
                volume_al,
                since: 0,
            },
        )
}

/// A cell with the identity that it is saved under.
struct Life {
    cell: Cell,
    label: String,
    seed: Seed,
    longest_us: f64,
}

impl Life {
    fn apply(&mut self, model: &Arc<CellModel>, deed: &Deed) {
        let cell = &mut self.cell;
        let tag = |gene: usize| [cell.locus_tag(gene % cell.model.products.len())];
        // Genes that are never expressed are refused, and so are constructs that do not fit or are needed by others:
        // that must leave no trace either.
        match deed {
            Deed::Advance(share) => {
                let span = SimSpan::from_micros(whole(share * self.longest_us));
                cell.advance_to(cell.time().saturating_add(span))
            }
            Deed::Grant(atp, units) => cell.set_quota(quota(f64::from(*atp) / 100.0, *units)),
            Deed::Feed(medium) => cell.set_medium(*medium),
            Deed::Start(gene) => drop(cell.start_transcription(&tag(*gene))),
            Deed::Stop(gene) => drop(cell.stop_transcription(&tag(*gene))),
            Deed::KnockOut(gene) => drop(cell.knock_out(&tag(*gene))),
            Deed::KnockDown(gene, factor) => drop(cell.knock_down(&tag(*gene)[0], *factor)),
            Deed::RestoreGene(gene) => drop(cell.restore_gene(&tag(*gene))),
            Deed::Install(construct) => {
                let before = cell.fingerprint();
                if cell.install(construct).is_err() {
                    assert_eq!(cell.fingerprint(), before);
                }
            }
            Deed::TakeAway(index) => drop(cell.uninstall(NAMES[*index])),
            Deed::Induce(iptg, atc) => {
                let given = INDUCERS.iter().zip([*iptg, *atc]);
                let given = given.filter(|(_, there)| *there);
                let names: Vec<String> = given.map(|(name, _)| (*name).to_owned()).collect();
                drop(cell.set_inducers(&names));
            }
            Deed::Reload => {
                let image = cell.save(&name(&self.label), self.seed);
                let back = Cell::restore(model, &image, &name(&self.label), self.seed)
                    .expect("saved by the same VM");
                assert_eq!(back.fingerprint(), cell.fingerprint());
                *cell = back;
            }
            Deed::Fork(seed) => {
                let image = cell.save(&name(&self.label), self.seed);
                let label = format!("{}f", self.label);
                if let Ok(fork) = Cell::fork(model, &image, &name(&label), Seed::new(*seed)) {
                    *self = Self {
                        cell: fork,
                        label,
                        seed: Seed::new(*seed),
                        longest_us: self.longest_us,
                    };
                }
            }
        }
    }
}

/// Random lives of one kind of cell, with spans of up to `longest_s` seconds between deeds.
#[track_caller]
fn check_lives(model: &Arc<CellModel>, cases: u64, longest_s: f64, deeds: usize) {
    let mut runner = TestRunner::new(ProptestConfig {
        cases: u32::try_from(cases).expect("few cases"),
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let lives = (
        any::<u64>(),
        any::<bool>(),
        any::<bool>(),
        prop::collection::vec(deed(), 1..deeds),
    );
    let result = runner.run(&lives, |(seed, exponential, protein_decay, deeds)| {
        let elongation = if exponential {
            Elongation::Exponential
        } else {
            Elongation::Queue
        };
        let options = CellOptions {
            elongation,
            protein_decay,
            ..CellOptions::default()
        };
        let cell = newborn(model, "p", seed, full_of(model.organism()), options);
        let mut life = Life {
            cell,
            label: "p".to_owned(),
            seed: Seed::new(seed),
            longest_us: longest_s * 1e6,
        };
        for deed in &deeds {
            life.apply(model, deed);
            check_books(&life.cell);
            check_genes(&life.cell);
            check_sums(&life.cell);
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

#[test]
fn whatever_users_do_to_syn3a_the_books_close() {
    check_lives(&model(), size(12, 100), 400.0, 40);
}

#[test]
fn whatever_users_do_to_the_minimal_cell_the_books_close() {
    check_lives(
        &Arc::new(CellModel::minimal_cell()),
        size(8, 100),
        400.0,
        40,
    );
}

#[test]
fn whatever_users_do_to_ecoli_the_books_close() {
    check_lives(&organisms::dividing(30.0), size(8, 100), 20.0, 30);
}

/// Invariant 15: totals that are kept incrementally equal sums made anew, exactly, and propensities are the products
/// of those sums.
#[track_caller]
pub(super) fn check_sums(cell: &Cell) {
    let genes = &cell.genes;
    let (units, products) = (&cell.model.units, &cell.model.products);
    let mechanisms = cell.model.mechanisms;
    let (mut promoters, mut free_decay) = (0, 0);
    for (index, unit) in units.iter().enumerate() {
        let weight = promoter_weight(cell, index);
        assert_eq!(
            genes.promoters.weight(index),
            weight,
            "promoter of unit {index}"
        );
        promoters += weight;
        assert!(
            unit.message || genes.free[index] == 0,
            "unit {index} leaves no message"
        );
        if mechanisms.turnover == Turnover::FirstOrder {
            let decay = u64::from(genes.free[index]) * unit.decay_weight;
            assert_eq!(genes.turnover.weight(index), decay, "decay of unit {index}");
            free_decay += decay;
        }
    }
    let (mut messages, mut waiting_weight, mut waiting) = (0_u64, 0, 0_u64);
    for (gene, product) in products.iter().enumerate() {
        let bound = message_weight(cell, gene);
        assert_eq!(
            genes.messages.weight(gene),
            bound,
            "messages of gene {gene}"
        );
        messages += bound;
        let inserted = u64::from(genes.waiting_count[gene]) * product.insertion_weight;
        assert_eq!(
            genes.waiting.weight(gene),
            inserted,
            "insertion of gene {gene}"
        );
        waiting_weight += inserted;
        waiting += u64::from(genes.waiting_count[gene]);
    }
    assert_eq!(genes.promoters.total(), promoters);
    assert_eq!(genes.messages.total(), messages);
    assert_eq!(genes.turnover.total(), free_decay);
    assert_eq!(
        (genes.waiting.total(), genes.waiting_total),
        (waiting_weight, waiting)
    );

    let (rates, _) = cell.forecast(COUPLING_STEP.seconds());
    let now = cell.propensities(&rates);
    let (ribosomes, degradosomes, rnap) = (
        cell.ribosomes.free().saturating_sub(rates.hibernating),
        cell.degradosomes.free(),
        cell.rnap.free(),
    );
    let sum = |n: usize, rate: f64, count: &dyn Fn(usize) -> f64| -> f64 {
        (0..n).map(|index| rate * count(index)).sum()
    };
    let by_gene =
        |rate: f64, count: &dyn Fn(usize) -> f64| -> f64 { sum(products.len(), rate, count) };
    let by_unit =
        |rate: f64, count: &dyn Fn(usize) -> f64| -> f64 { sum(units.len(), rate, count) };
    close(
        now.transcription,
        by_unit(rates.promoter * f64::from(rnap), &|u| {
            genes.promoters.weight(u) as f64
        }),
    );
    let open = cell.ribosomes.bound < cell.ribosome_cap();
    let rate = if open {
        rates.ribosome * f64::from(ribosomes)
    } else {
        0.0
    };
    close(
        now.translation,
        by_gene(rate, &|g| message_weight(cell, g) as f64),
    );
    let decay = match mechanisms.turnover {
        Turnover::Degradosomes => by_unit(rates.degradosome * f64::from(degradosomes), &|u| {
            f64::from(genes.free[u])
        }),
        Turnover::FirstOrder => by_unit(1.0 / WEIGHT, &|u| {
            f64::from(genes.free[u]) * units[u].decay_weight as f64
        }),
    };
    close(now.decay, decay);
    if now.insertion > 0.0 {
        let share = f64::min(1.0, f64::from(cell.translocons.total) / waiting as f64);
        close(
            now.insertion,
            by_gene(share / WEIGHT, &|g| genes.waiting.weight(g) as f64),
        );
    }
    let (mut tagged, mut young) = (0.0, 0.0);
    for (gene, immature) in genes.immature.iter().enumerate() {
        tagged += f64::from(genes.products[gene]) * products[gene].degradation_weight as f64;
        young += f64::from(*immature) * products[gene].maturation_weight as f64;
    }
    if now.tagged > 0.0 {
        close(now.tagged, tagged / WEIGHT);
    }
    close(now.maturation, young / WEIGHT);
    let total = now.transcription
        + now.translation
        + now.decay
        + now.insertion
        + now.protein_decay
        + now.tagged
        + now.maturation;
    close(now.total(), total);

    same_flux(&cell.chains, |g| Some([products.get(g as usize)?.residues]));
    same_flux(&cell.transcripts, |u| Some(units.get(u as usize)?.bases));
    same_flux(&cell.decays, |u| Some(units.get(u as usize)?.message_bases));
}

/// Weight of the promoters of a unit that a polymerase may bind: none where every gene behind them is knocked out.
fn promoter_weight(cell: &Cell, index: usize) -> u64 {
    let (genes, unit) = (&cell.genes, &cell.model.units[index]);
    let open = match cell.model.mechanisms.promoters {
        Promoters::Held => genes.dose[index] - genes.held[index],
        Promoters::Shared => genes.dose[index],
    };
    let knock_down = match unit.genes[..] {
        [gene] => genes.knock_down[gene],
        _ => 1.0,
    };
    let own = genes.regulation.get(index).copied().unwrap_or(1.0);
    let control = genes.control.get(index).copied().unwrap_or(1.0);
    if unit.genes.iter().all(|&gene| genes.knocked_out[gene]) {
        0
    } else {
        u64::from(open) * unit.promoter_weight(genes.activity[index] * own * control * knock_down)
    }
}

/// Weight of the messages of a gene that a ribosome may bind.
fn message_weight(cell: &Cell, gene: usize) -> u64 {
    let (genes, product) = (&cell.genes, &cell.model.products[gene]);
    if product.kind != GeneKind::Cds {
        return 0;
    }
    let Some(&free) = genes.free.get(product.unit) else {
        return 0;
    };
    match cell.model.mechanisms.loading {
        Loading::One => u64::from(free),
        Loading::Polysome
            if u64::from(genes.translating[gene])
                >= u64::from(free) * u64::from(product.ribosomes_per_message) =>
        {
            0
        }
        Loading::Polysome => {
            let alone = cell.model.units[product.unit].genes.len() == 1;
            let factor = match (alone, genes.knocked_out[gene]) {
                (true, _) => 1.0,
                (false, true) => 0.0,
                (false, false) => genes.knock_down[gene],
            };
            let feedback = genes.feedback.get(gene).copied().unwrap_or(1.0);
            let each = whole(product.translation_weight as f64 * (feedback * factor));
            u64::from(free) * each
        }
    }
}

/// The sum of some hundred rounded products: equal to 1e-12.
#[track_caller]
fn close(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-12 * b.abs(), "{a} and {b}");
}

/// Flux is a sum of integers: rebuilt from the entries it is the same bits.
#[track_caller]
fn same_flux<const N: usize>(chains: &Chains<N>, amounts: impl Fn(u32) -> Option<[u32; N]>) {
    let rebuilt =
        Chains::from_state(&chains.state(), amounts).expect("a living cell's chains are sound");
    assert_eq!(rebuilt.flux(), chains.flux());
}

#[test]
fn invariant_15_sums_kept_along_equal_sums_made_anew() {
    let options = CellOptions {
        protein_decay: true,
        ..CellOptions::default()
    };
    let mut cell = newborn(&model(), "sums", 9, full(), options);
    for step in 0..115 * STEPS_PER_MIN {
        cell.step();
        if step < STEPS_PER_MIN || step % 40 == 0 {
            check_sums(&cell);
        }
    }
    assert_eq!(cell.generation(), 1, "the run should see a division");
}

#[test]
fn invariant_15_sums_of_ecoli_kept_along_equal_sums_made_anew() {
    let model = organisms::dividing(20.0);
    let quota = full_of(model.organism());
    let mut cell = newborn(&model, "sums", 9, quota, CellOptions::default());
    for _ in 0..size(80, 800) {
        cell.step();
        check_sums(&cell);
    }
    assert_eq!(cell.generation(), 1, "the run should see a division");
}
