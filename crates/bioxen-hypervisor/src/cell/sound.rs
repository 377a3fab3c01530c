//! Which states a cell can have. A checksum guards an image against damage; these checks guard the engine against an
//! image that was written to break it.

use bioxen_core::ImageError;

use super::Cell;
use super::image::unsound;
use super::mechanism::{Promoters, Turnover};
use super::phase::Phase;
use super::pools::Pool;
use super::regulation::Regulation;
use super::replication::MOST_ROUNDS;
use crate::genome::GeneKind;
use crate::stochastic::Chains;

/// No count of a cell comes near it, and sums of such counts fit 64 bits.
const LARGEST_COUNT: i64 = 1 << 40;

/// Likewise for events since birth.
const LARGEST_EVENTS: u64 = 1 << 60;

/// Likewise for counts of one gene and of machines.
const LARGEST_COPIES: u32 = 1 << 24;

/// About 3,000 years.
const LAST_STEP: u64 = 1 << 37;

/// The greatest multiplier that a promoter can be given, and the greatest that a cell makes of a promoter or a message:
/// the weights of all of them must add up in 64 bits.
const LARGEST_ACTIVITY: f64 = 1000.0;
const LARGEST_FACTOR: f64 = 16.0;

/// Checks each part by itself; nothing is computed from a part before it has passed.
pub(super) fn check_ranges(cell: &Cell) -> Result<(), ImageError> {
    type Check = fn(&Cell) -> bool;
    let all: [(Check, &str); 10] = [
        (|cell| cell.steps <= LAST_STEP, "time"),
        (counters_in_range, "counters"),
        (pools_in_range, "pools"),
        (machines_in_range, "machines"),
        (genes_in_range, "genes"),
        (chromosome_in_range, "chromosome"),
        (reals_in_range, "sizes and rates"),
        (regulation_in_range, "regulation"),
        (|cell| cell.metabolism.is_sound(), "remainders"),
        (|cell| cell.ledger.is_sound(LARGEST_COUNT), "ledger"),
    ];
    match all.iter().find(|(sound, _)| !sound(cell)) {
        Some((_, what)) => Err(unsound(what)),
        None => Ok(()),
    }
}

/// Checks the parts against each other.
pub(super) fn check_books(cell: &Cell) -> Result<(), ImageError> {
    let trna: i64 = (0..cell.model.products.len())
        .filter(|&gene| cell.model.products[gene].kind == GeneKind::Trna)
        .map(|gene| i64::from(cell.genes.products[gene]))
        .sum();
    let mut size = cell.clone();
    size.grow();
    let all = [
        (
            chains_belong(cell),
            "machines at work and their transcripts differ",
        ),
        (
            trna == cell.pools.get(Pool::ChargedTrna) + cell.pools.get(Pool::FreeTrna),
            "tRNA and its pools differ",
        ),
        (
            size.geometry.is_near(&cell.geometry),
            "size and content differ",
        ),
        (
            cell.content() == cell.ledger.matter_due(),
            "the books do not close",
        ),
    ];
    match all.iter().find(|(sound, _)| !sound) {
        Some((_, what)) => Err(unsound(what)),
        None => Ok(()),
    }
}

fn pools_in_range(cell: &Cell) -> bool {
    Pool::ALL
        .iter()
        .all(|&pool| (0..=LARGEST_COUNT).contains(&cell.pools.get(pool)))
}

fn counters_in_range(cell: &Cell) -> bool {
    let events = cell.events();
    let counts = events.iter().map(|(_, n)| n).chain(&cell.genes.made);
    counts
        .chain([&cell.events.mrna_made])
        .all(|n| *n <= LARGEST_EVENTS)
        && cell.generation < LARGEST_COPIES
}

fn genes_in_range(cell: &Cell) -> bool {
    let genes = &cell.genes;
    let factor = |value: f64, most: f64| (0.0..=most).contains(&value);
    let units = cell.model.units.iter().enumerate().all(|(u, unit)| {
        genes.held[u] < LARGEST_COPIES
            && (cell.model.mechanisms.promoters != Promoters::Held
                || unit.plasmid.is_some()
                || genes.held[u] <= genes.dose[u])
            && unit
                .plasmid
                .is_none_or(|plasmid| cell.plasmids.get(plasmid) == Some(&genes.dose[u]))
            && genes.free[u] < LARGEST_COPIES
            && genes.decaying[u] < LARGEST_COPIES
            && (unit.message || genes.free[u] + genes.decaying[u] == 0)
            && factor(genes.activity[u], LARGEST_ACTIVITY)
    });
    units
        && cell.model.products.iter().enumerate().all(|(g, product)| {
            genes.products[g] < LARGEST_COPIES
                && genes.translating[g] < LARGEST_COPIES
                && (product.exported || genes.waiting_count[g] == 0)
                && genes.immature.get(g).is_none_or(|young| {
                    *young <= genes.products[g] && (*young == 0 || product.maturation_weight > 0)
                })
                && factor(genes.knock_down[g], 1.0)
                && factor(genes.production[g], 1e9)
                && factor(genes.produced_at[g], cell.seconds())
        })
}

fn machines_in_range(cell: &Cell) -> bool {
    [
        cell.rnap,
        cell.ribosomes,
        cell.degradosomes,
        cell.translocons,
    ]
    .iter()
    .all(|count| count.total < LARGEST_COPIES && count.bound <= count.total)
        && cell.translocons.bound == 0
}

fn chromosome_in_range(cell: &Cell) -> bool {
    let c = &cell.chromosome;
    let order = &cell.model.chromosome.order;
    let length = cell.model.chromosome.length_bp;
    let mut origins = 1;
    let mut ahead = (length, order.len());
    let in_step = c.rounds.len() <= MOST_ROUNDS
        && c.rounds.iter().all(|round| {
            let passed = round.units_passed as usize;
            let follows = round.origins == origins
                && round.copied_bp <= ahead.0
                && passed <= ahead.1
                && passed == round.reached(&cell.model);
            origins *= 2;
            ahead = (round.copied_bp, passed);
            follows
                && (0.0..=1.0).contains(&round.fraction)
                && (-1e6..=cell.seconds()).contains(&round.terminated_at)
                && round.fired_at.is_finite()
        });
    in_step && c.fires_at.is_finite() && doses_follow(cell)
}

/// Each unit has as many copies as rounds have passed it.
fn doses_follow(cell: &Cell) -> bool {
    let mut doses = cell.chromosome.doses(&cell.model);
    doses.all(|(unit, copies)| cell.genes.dose[unit] == copies)
}

fn reals_in_range(cell: &Cell) -> bool {
    cell.growth.is_sound()
        && cell.rates.is_sound()
        && cell.geometry.surface_nm2.is_finite()
        && cell.geometry.surface_nm2 > 0.0
        && cell.geometry.volume_al.is_finite()
        && cell.geometry.volume_al > 0.0
        && (0.0..=super::MOST_GLUCOSE_MM).contains(&cell.medium.glucose_mm)
        && (0.0..=1.0).contains(&cell.medium.nutrition)
        && (0.0..=1e3).contains(&cell.medium.energy)
        && cell.medium.volume_al > 0.0
        && (0.0..=f64::MAX).contains(&cell.starved_s)
}

fn regulation_in_range(cell: &Cell) -> bool {
    let regulated = cell.model.regulation.is_some();
    let factors = cell.genes.regulation.iter().chain(&cell.genes.feedback);
    cell.regulation.is_some() == regulated
        && cell.phase.is_some() == regulated
        && cell.regulation.as_ref().is_none_or(Regulation::is_sound)
        && cell.phase.is_none_or(Phase::is_sound)
        && cell.operons.is_some() != cell.model.genome().operons().is_empty()
        && cell
            .operons
            .as_ref()
            .is_none_or(|state| state.fits(&cell.model))
        && (0..=LARGEST_COUNT).contains(&cell.reserve)
        && cell.plasmids.len() == cell.model.plasmids.len()
        && cell.plasmids.iter().all(|copies| *copies < LARGEST_COPIES)
        && cell
            .inducers
            .iter()
            .all(|name| cell.model.inducers().any(|known| known == name))
        && cell
            .genes
            .control
            .iter()
            .all(|factor| (0.0..=1.0).contains(factor))
        && factors
            .into_iter()
            .all(|f| (0.0..=LARGEST_FACTOR).contains(f))
        && cell
            .genes
            .transcribed_at
            .iter()
            .all(|at| (0.0..=cell.seconds() + 1.0).contains(at))
}

/// Every machine at work has a chain, and every unit or gene as many as its counts say.
fn chains_belong(cell: &Cell) -> bool {
    let genes = &cell.genes;
    let decaying = match cell.model.mechanisms.turnover {
        Turnover::Degradosomes => cell.degradosomes.bound,
        Turnover::FirstOrder => genes.decaying.iter().sum(),
    };
    belongs(&cell.transcripts, cell.rnap.bound, &genes.held)
        && belongs(&cell.chains, cell.ribosomes.bound, &genes.translating)
        && belongs(&cell.decays, decaying, &genes.decaying)
}

fn belongs<const N: usize>(chains: &Chains<N>, bound: u32, by_index: &[u32]) -> bool {
    let mut counted = vec![0_u32; by_index.len()];
    for entry in chains.entries() {
        counted[entry.unit as usize] += 1;
    }
    chains.len() == bound as usize && counted == by_index
}
