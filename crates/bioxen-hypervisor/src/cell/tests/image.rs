//! Images that must be refused.

use std::sync::Arc;

use bioxen_core::{GeneId, ImageError, Organism, Seed, VmImage};

use super::super::compare::{CellDiff, CountKind};
use super::super::pools::Pool;
use super::super::replication::Round;
use super::super::{Cell, CellModel, CellOptions};
use super::{full, minutes, model, name, newborn, quota};

const SEED: Seed = Seed::new(1);

fn living(model: &Arc<CellModel>) -> Cell {
    let mut cell = newborn(model, "saved", SEED.get(), full(), CellOptions::default());
    cell.advance_to(minutes(3));
    cell
}

fn restore(model: &Arc<CellModel>, image: &VmImage) -> Result<Cell, ImageError> {
    Cell::restore(model, image, &name("saved"), SEED)
}

#[test]
fn an_image_of_another_model_is_refused() {
    let ours = model();
    let image = living(&ours).save(&name("saved"), SEED);
    let parameters = include_str!("../../../data/parameters.csv")
        .replace("ribosome_elongation,12,", "ribosome_elongation,13,");
    let parameters =
        crate::genome::Parameters::from_csv(&parameters).expect("only a number has changed");
    let other = CellModel::new(Organism::Syn3a, crate::genome::Genome::syn3a(), parameters)
        .expect("only a number has changed");
    let error = restore(&Arc::new(other), &image).expect_err("other constants, other cell");
    assert!(
        matches!(error, ImageError::GenomeMismatch { .. }),
        "{error:?}"
    );
    assert!(restore(&ours, &image).is_ok());
}

#[test]
fn an_image_of_another_vm_is_refused() {
    let model = model();
    let image = living(&model).save(&name("saved"), SEED);
    for (label, seed) in [("other", SEED), ("saved", Seed::new(2))] {
        let error = Cell::restore(&model, &image, &name(label), seed).expect_err("another VM");
        assert!(
            matches!(error, ImageError::IdentityMismatch { .. }),
            "{error:?}"
        );
        assert_eq!(
            error.to_string(),
            format!("image belongs to VM saved with seed 1, not to VM {label} with seed {seed}")
        );
    }
}

#[test]
fn an_image_of_another_kind_and_a_body_that_is_no_cell_are_refused() {
    let model = model();
    let image = living(&model).save(&name("saved"), SEED);
    let (_, body) = crate::image::open(&image).expect("saved above");
    for (what, image) in [
        ("another kind", crate::image::seal("ecoli", body)),
        ("no body", crate::image::seal("syn3a", b"")),
        (
            "half a body",
            crate::image::seal("syn3a", &body[..body.len() / 2]),
        ),
        (
            "some other body",
            crate::image::seal("syn3a", b"\x93\x01\x02\x03"),
        ),
    ] {
        let error = restore(&model, &image).expect_err(what);
        assert!(
            !matches!(
                error,
                ImageError::Corrupt { .. } | ImageError::Truncated { .. }
            ),
            "{what}: {error:?}"
        );
    }
}

/// Changes a cell to what no cell can be, saves it under a sound header, and wants it refused.
#[track_caller]
fn check_refused(model: &Arc<CellModel>, what: &str, spoil: impl FnOnce(&mut Cell)) {
    refuse(&living(model), what, spoil);
}

/// As [`check_refused`], with the ledger changed along: the books close.
#[track_caller]
fn check_refused_with_closed_books(
    model: &Arc<CellModel>,
    what: &str,
    spoil: impl FnOnce(&mut Cell),
) {
    refuse_with_closed_books(&living(model), what, spoil);
}

/// Wants the image of a changed copy of a cell to be refused.
#[track_caller]
pub(super) fn refuse(cell: &Cell, what: &str, spoil: impl FnOnce(&mut Cell)) {
    let mut cell = cell.clone();
    spoil(&mut cell);
    match restored(&cell) {
        Ok(_) => panic!("accepted: {what}"),
        Err(error) => assert!(
            matches!(error, ImageError::Decode { .. }),
            "{what}: {error:?}"
        ),
    }
}

/// As [`refuse`], with the ledger changed along: the books close.
#[track_caller]
pub(super) fn refuse_with_closed_books(cell: &Cell, what: &str, spoil: impl FnOnce(&mut Cell)) {
    refuse(cell, what, |cell| with_closed_books(cell, spoil));
}

/// Changes a cell and its ledger along.
pub(super) fn with_closed_books(cell: &mut Cell, change: impl FnOnce(&mut Cell)) {
    let before = cell.content();
    change(cell);
    let model = Arc::clone(cell.model());
    cell.recount(&model);
    let change = cell.content().minus(before);
    cell.ledger.initial = cell.ledger.initial.plus(change);
}

/// The cell of the image of a cell.
pub(super) fn restored(cell: &Cell) -> Result<Cell, ImageError> {
    restore(cell.model(), &cell.save(&name("saved"), SEED))
}

/// The origin of a cell that still waits for it fires.
fn fire(cell: &mut Cell) -> &mut Round {
    assert_eq!(cell.chromosome.rounds, [], "it waits");
    let fired_at = cell.seconds();
    add_round(cell, 1, fired_at)
}

pub(super) fn add_round(cell: &mut Cell, origins: u32, fired_at: f64) -> &mut Round {
    cell.chromosome.rounds.push(Round {
        origins,
        copied_bp: 0,
        fraction: 0.0,
        units_passed: 0,
        fired_at,
        terminated_at: 0.0,
    });
    cell.chromosome.rounds.last_mut().expect("just added")
}

#[test]
fn books_that_do_not_close_are_refused() {
    let model = model();
    check_refused(&model, "one ATP from nowhere", |cell| {
        cell.pools.add(Pool::Atp, 1)
    });
    check_refused(&model, "one bond less", |cell| cell.ledger.regenerated += 1);
    check_refused(&model, "one amino acid exported", |cell| {
        cell.ledger.exported.amino_acids += 1
    });
    check_refused(&model, "a protein more", |cell| cell.genes.products[0] += 1);
    check_refused(&model, "a transcript more", |cell| cell.genes.free[0] += 1);
    check_refused(&model, "a base pair more", |cell| {
        fire(cell).copied_bp += 10
    });
    check_refused(&model, "a negative pool", |cell| {
        let atp = cell.pools.get(Pool::Atp);
        cell.pools
            .set(Pool::Adp, cell.pools.get(Pool::Adp) + 2 * atp);
        cell.pools.set(Pool::Atp, -atp);
    });
}

#[test]
fn machines_that_do_not_add_up_are_refused() {
    let model = model();
    check_refused(&model, "a ribosome at work on nothing", |cell| {
        cell.ribosomes.bound += 1
    });
    check_refused(&model, "fewer polymerases than are at work", |cell| {
        cell.rnap.total = cell.rnap.bound - 1
    });
    check_refused(&model, "translocons do not bind", |cell| {
        cell.translocons.bound = 1
    });
}

#[test]
fn states_that_no_cell_can_have_are_refused() {
    let model = model();
    let check =
        |what: &str, spoil: fn(&mut Cell)| check_refused_with_closed_books(&model, what, spoil);
    check("transcript off its ribosome", |cell| {
        let gene = cell
            .genes
            .translating
            .iter()
            .position(|n| *n > 0)
            .expect("ribosomes are at work");
        cell.genes.translating[gene] -= 1;
        cell.genes.free[cell.model.products[gene].unit] += 1;
    });
    check("polymerase on no promoter", |cell| {
        let unit = cell
            .genes
            .held
            .iter()
            .position(|n| *n > 0)
            .expect("polymerases are at work");
        cell.genes.held[unit] = 0;
    });
    check("decay of nothing", |cell| {
        let unit = cell
            .genes
            .decaying
            .iter()
            .position(|n| *n > 0)
            .expect("degradosomes are at work");
        cell.genes.decaying[unit] -= 1;
        cell.genes.free[unit] += 1;
    });
    check("more polymerases than promoters", |cell| {
        cell.genes.held[3] += 5
    });
    check("thousands of promoters", |cell| {
        cell.genes.dose[3] = u32::MAX
    });
    check("a promoter that no fork has made", |cell| {
        cell.genes.dose[3] *= 2
    });
    check("activity is not a number", |cell| {
        cell.genes.activity[3] = f64::NAN
    });
    check("activity without bound", |cell| {
        cell.genes.activity[3] = 1e300
    });
    check("negative activity", |cell| cell.genes.activity[3] = -1.0);
    check("infinite knock-down", |cell| {
        cell.genes.knock_down[3] = f64::INFINITY
    });
    check("production is not a number", |cell| {
        cell.genes.production[3] = f64::NAN
    });
    check("production in the future", |cell| {
        cell.genes.produced_at[3] = 1e12
    });
    check("the end of time", |cell| cell.steps = u64::MAX);
    check("starved for no time", |cell| cell.starved_s = f64::NAN);
    check("no volume", |cell| cell.geometry.volume_al = 0.0);
    check("surface without lipids", |cell| {
        cell.geometry.surface_nm2 *= 2.0
    });
    check("no medium", |cell| cell.medium.glucose_mm = f64::NAN);
    check("negative glucose", |cell| cell.medium.glucose_mm = -1.0);
    check("tRNA without a gene", |cell| {
        cell.pools.add(Pool::FreeTrna, 1000)
    });
    check("a pool beyond all counting", |cell| {
        cell.pools.set(Pool::Gtp, i64::MAX / 8)
    });
    check("polymerases without end", |cell| cell.rnap.total = u32::MAX);
    check("more products made than can be counted", |cell| {
        cell.genes.made[3] = u64::MAX
    });
    check("more events than can be counted", |cell| {
        cell.events.translation_started = u64::MAX
    });
    check("more divisions than can be counted", |cell| {
        cell.generation = u32::MAX
    });
    check("growth is not a number", |cell| cell.growth.rate = f64::NAN);
    check("rates are not numbers", |cell| {
        cell.rates.regenerated = f64::NAN
    });
}

#[test]
fn chromosomes_that_no_cell_can_have_are_refused() {
    let model = model();
    // What is spoiled below is sound before.
    let mut sound = living(&model);
    fire(&mut sound);
    assert!(restore(&model, &sound.save(&name("saved"), SEED)).is_ok());

    let check =
        |what: &str, spoil: fn(&mut Cell)| check_refused_with_closed_books(&model, what, spoil);
    check("more copied than there is", |cell| {
        fire(cell).copied_bp = 600_000
    });
    check("forks that met before they passed all units", |cell| {
        let length = cell.model.chromosome.length_bp;
        fire(cell).copied_bp = length;
    });
    check("terminated in the future", |cell| {
        let later = cell.seconds() + 1.0;
        fire(cell).terminated_at = later;
    });
    check("forks out of their minds", |cell| {
        fire(cell).fraction = f64::NAN
    });
    check("an origin that never fires", |cell| {
        cell.chromosome.fires_at = f64::NAN
    });
    check("an origin that never fired", |cell| {
        fire(cell).fired_at = f64::NAN
    });
    check("units passed by no fork", |cell| {
        fire(cell).units_passed = u32::MAX
    });
    check("a unit passed by a fork and not copied", |cell| {
        fire(cell).units_passed = 1
    });
    check("more origins than chromosomes", |cell| {
        fire(cell).origins = 2
    });
    check("a round that overtakes the one before", |cell| {
        let now = cell.seconds();
        fire(cell);
        add_round(cell, 2, now).copied_bp = 10;
    });
    check("rounds without end", |cell| {
        let now = cell.seconds();
        for doublings in 0..20 {
            add_round(cell, 1 << doublings, now);
        }
    });
}

#[test]
fn an_image_tells_whose_it_is_and_what_has_changed_since() {
    let model = model();
    let mut cell = living(&model);
    let image = cell.save(&name("saved"), SEED);
    let saved = Cell::read_image(&model, &image).expect("its own image");
    assert_eq!((saved.vm.as_str(), saved.seed), ("saved", SEED));
    assert_eq!(saved.cell.fingerprint(), cell.fingerprint());
    assert_eq!(saved.cell.differences(&cell), CellDiff::default());
    cell.set_quota(quota(50.0, 15));
    let gene = GeneId::new("dnaA").expect("a name");
    cell.knock_out(&[gene]).expect("a gene of syn3A");
    cell.advance_to(minutes(4));
    let diff = saved.cell.differences(&cell);
    let settings: Vec<String> = (diff.settings.iter())
        .map(|change| format!("{}: {} -> {}", change.name, change.before, change.after))
        .collect();
    assert_eq!(
        settings,
        [
            "time: 3min -> 4min",
            "ATP: 100% -> 50%",
            "knocked out: none -> JCVISYN3A_0001 (dnaA)"
        ]
    );
    let gtp = diff.counts.iter().find(|change| change.name == "GTP");
    let gtp = gtp.expect("it changes all the time");
    assert_eq!(gtp.kind, CountKind::Pool);
    let count = |cell: &Cell| u64::try_from(cell.pools.get(Pool::Gtp)).expect("not negative");
    assert_eq!((gtp.before, gtp.after), (count(&saved.cell), count(&cell)));
    let kinds: Vec<CountKind> = diff.counts.iter().map(|change| change.kind).collect();
    assert!(kinds.is_sorted() && kinds.contains(&CountKind::Transcript));
}
