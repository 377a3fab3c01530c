//! Which states a cell can have. A checksum guards an image against damage; these checks guard the engine against an
//! image that was written to break it.

use bioxen_core::ImageError;

use super::Cell;
use super::image::unsound;
use super::pools::Pool;
use super::replication::Stage;
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

/// The greatest multiplier that a promoter can have.
const LARGEST_ACTIVITY: f64 = 1000.0;

/// Checks each part by itself; nothing is computed from a part before it has passed.
pub(super) fn check_ranges(cell: &Cell) -> Result<(), ImageError> {
    type Check = fn(&Cell) -> bool;
    let all: [(Check, &str); 9] = [
        (|cell| cell.steps <= LAST_STEP, "time"),
        (counters_in_range, "counters"),
        (pools_in_range, "pools"),
        (machines_in_range, "machines"),
        (genes_in_range, "genes"),
        (chromosome_in_range, "chromosome"),
        (reals_in_range, "sizes and rates"),
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
    let trna: i64 = (0..cell.model.units.len())
        .filter(|&gene| cell.model.units[gene].kind == GeneKind::Trna)
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
        (size.geometry == cell.geometry, "size and membrane differ"),
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
    (0..genes.dose.len()).all(|g| {
        let expressed = cell.model.units[g].is_expressed();
        genes.dose[g] <= 2
            && (genes.dose[g] > 0) == expressed
            && genes.held[g] <= genes.dose[g]
            && genes.products[g] < LARGEST_COPIES
            && genes.translating[g] < LARGEST_COPIES
            && genes.decaying[g] < LARGEST_COPIES
            && genes.messages.weight(g) < u64::from(LARGEST_COPIES)
            && (cell.model.units[g].exported || genes.waiting_count[g] == 0)
            && factor(genes.activity[g], LARGEST_ACTIVITY)
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
    let length = cell.model.chromosome.length_bp;
    let staged = match c.stage {
        Stage::Waiting => c.copied_bp == 0,
        Stage::Replicating => c.copied_bp < length,
        Stage::Terminated => c.copied_bp == length,
    };
    staged
        && c.genes_passed as usize <= cell.model.chromosome.order.len()
        && (0.0..=1.0).contains(&c.fraction)
        && c.fires_at.is_finite()
        && (0.0..=cell.seconds()).contains(&c.terminated_at)
}

fn reals_in_range(cell: &Cell) -> bool {
    cell.growth.is_sound()
        && cell.rates.is_sound()
        && cell.geometry.surface_nm2.is_finite()
        && cell.geometry.surface_nm2 > 0.0
        && cell.geometry.volume_al.is_finite()
        && cell.geometry.volume_al > 0.0
        && (0.0..=super::MOST_GLUCOSE_MM).contains(&cell.medium.glucose_mm)
        && (0.0..=f64::MAX).contains(&cell.starved_s)
}

/// Every machine at work has a chain, and every gene as many as its counts say.
fn chains_belong(cell: &Cell) -> bool {
    let genes = &cell.genes;
    belongs(&cell.transcripts, cell.rnap.bound, &genes.held)
        && belongs(&cell.chains, cell.ribosomes.bound, &genes.translating)
        && belongs(&cell.decays, cell.degradosomes.bound, &genes.decaying)
}

fn belongs<const N: usize>(chains: &Chains<N>, bound: u32, by_gene: &[u32]) -> bool {
    let mut counted = vec![0_u32; by_gene.len()];
    for entry in chains.entries() {
        counted[entry.unit as usize] += 1;
    }
    chains.len() == bound as usize && counted == by_gene
}
