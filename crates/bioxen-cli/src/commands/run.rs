//! `bioxen run`: cells under quotas, for a while.

mod create;
mod drive;
mod engine;
mod guests;
mod places;
pub(super) mod process;
mod resume;
mod rhythm;
mod steer;

use std::process::ExitCode;

use bioxen::agent::draw_seed;
use bioxen::config::Config;
use bioxen::{
    BasicBiologicalVm, BiologicalVm, COUPLING_STEP, OrganismMetrics, ProcessReport, Sample,
    SimSpan, SimTime, Vitality, VmError, explain,
};

use self::create::{configuration, create, grant, process_limits, threads};
use self::drive::{Course, Meanwhile};
use self::engine::Engine;
use self::guests::Guests;
use self::process::{Answers, Program};
pub(super) use self::resume::check_place;
use self::resume::{Checkpoints, Resumed};
use self::steer::Steering;
use crate::args::{RunArgs, RunForm};
use crate::failure::{Failure, say};
use crate::interrupt::Interrupt;
use crate::measure::Stopwatch;
use crate::output::plot::{Picture, Trace};
use crate::output::sink::{Extent, Sink};
use crate::output::{csv, json, plot, table};
use crate::report::{CellReport, RunGoal, RunReport};

/// Reads the time course every 10 s unless told otherwise.
const DEFAULT_INTERVAL: SimSpan = SimSpan::from_micros(10_000_000);

/// Runs the cells that were asked for and writes what came out.
pub(crate) fn run(args: &RunArgs) -> Result<ExitCode, Failure> {
    // Everything that can be refused is refused before the first cell is made.
    let resumed = args.resume.as_deref().map(Resumed::read).transpose()?;
    let organism = resume::organism(args, resumed.as_ref())?;
    let config = configuration(args, organism)?;
    let pool = guests::options(args, &config)?;
    let program = args.process.as_deref().map(Program::read).transpose()?;
    check_readings(args)?;
    let checkpoints = Checkpoints::new(args)?;
    let (out, plot, save) = (
        args.out.as_deref(),
        args.plot.as_deref(),
        args.save.as_deref(),
    );
    places::check(out, plot)?;
    places::check(out, save)?;
    places::check(plot, save)?;
    if let Some(path) = save {
        check_place(path)?;
    }
    let mut results = Sink::open(args.out.as_deref())?;
    let picture = match &args.plot {
        Some(path) => Some(Sink::open(Some(path))?),
        None => None,
    };
    // Only now: standard input or a pipe may keep a person waiting, and nothing looks at the flag there.
    let drafts = [Some(&results), picture.as_ref()];
    let interrupt = match &pool {
        // What is made in a pool is removed before the command ends, however often it is told to.
        Some(_) => Interrupt::watch_patiently(),
        None => Interrupt::watch(
            drafts
                .into_iter()
                .flatten()
                .filter_map(Sink::draft)
                .collect(),
        ),
    }?;
    let seed = match &resumed {
        Some(resumed) => resumed.saved.seed,
        None => args.seed.unwrap_or_else(draw_seed),
    };
    let threads = threads(args, &config);
    let (hypervisor, mut vms) = create(args, organism, &config, seed, threads, resumed.as_ref())?;
    let quota = grant(&vms)?;
    if args.seed.is_none() && resumed.is_none() {
        // Before the run, so that no end of it loses the seed.
        say(&format!("seed: {seed}"));
    }
    if let Some(notice) = vms.first().and_then(BasicBiologicalVm::notice) {
        say(&format!("note: {notice}"));
    }

    let mut engine = match (pool, args.guests) {
        (Some(pool), Some(count)) => {
            match Guests::bring_up(hypervisor.clone(), pool, count, organism, interrupt.token()) {
                Err(failure) if failure.is_cancelled() => {
                    say("interrupted: no cell was run");
                    return Ok(interrupt.exit_code());
                }
                guests => Engine::Guests(guests?),
            }
        }
        _ => Engine::Here {
            hypervisor: hypervisor.clone(),
            threads,
        },
    };
    let stopwatch = Stopwatch::start();
    let start = resumed.as_ref().map(Resumed::start).unwrap_or_default();
    let goal = goal(args, program.as_ref(), start);
    let mut course = Course::new(args, organism, start, &mut engine, &vms)?;
    if args.output == RunForm::Csv {
        csv::write_header(&mut results).map_err(|source| results.failed(source))?;
    }
    let mut meanwhile = Meanwhile {
        steering: Steering::new(args, &config, &hypervisor, &vms)?,
        checkpoints,
    };
    let monitor = match engine {
        Engine::Here { .. } => steer::monitor(args, &config, &vms)?,
        // Between the stretches nothing is known of cells that are elsewhere.
        Engine::Guests(_) => None,
    };
    let mut answers = Answers::new(args.output, &mut results);
    match &program {
        Some(program) => program.drive(
            &mut engine,
            &mut vms,
            process_limits(&config),
            &interrupt,
            &mut answers,
        )?,
        None => course.drive(
            &mut engine,
            &vms,
            &goal,
            &interrupt,
            &mut meanwhile,
            answers.results(),
        )?,
    }
    // Its thread ends before the results are told.
    drop(monitor);
    steer::note_genes(&config, &hypervisor, &vms);
    let (mut reports, failed, mut lost) = answers.into_parts();
    let (samples, lost_on_the_way) = course.finish(&mut engine, &vms, &mut results)?;
    lost.extend(lost_on_the_way);
    let mut cells = Vec::with_capacity(vms.len());
    for (vm, samples) in vms.iter().zip(samples) {
        if lost.contains_key(vm.id()) {
            continue;
        }
        match read_cell(vm, samples, reports.remove(vm.id())) {
            Ok(cell) => cells.push(cell),
            Err(error) => {
                lost.insert(vm.id().clone(), error);
            }
        }
    }
    // What comes of it is told last: the results do not wait for an image that cannot be written.
    let saved = save.map_or(Ok(()), |path| resume::save(path, &vms));
    if cells.is_empty()
        && let Some((_, error)) = lost.pop_first()
    {
        return Err(error.into());
    }
    let events = cells.iter().map(CellReport::events_in_all).sum();
    let report = RunReport {
        organism,
        seed,
        goal,
        quota,
        cells,
        lost,
        partial: interrupt.is_raised(),
        threads: engine.threads(),
        timing: stopwatch.stop(events),
    };
    // Before the results, which may wait for a reader. What could not be removed is told at once, and again by the exit code.
    let removed = engine.end();
    if let Err(failure) = &removed {
        failure.tell();
    }
    write_results(args, &report, results)?;
    if let Some(sink) = picture {
        write_picture(&report, sink)?;
    }
    let code = conclude(&config, &report, failed, &interrupt);
    saved.map(|()| match removed {
        Err(_) if code == ExitCode::SUCCESS => ExitCode::FAILURE,
        _ => code,
    })
}

/// Settings that do not go together are refused before the run.
fn check_readings(args: &RunArgs) -> Result<(), Failure> {
    if args.process.is_some() && args.output == RunForm::Csv {
        return Err(Failure::ProcessAsCsv);
    }
    let every = args.every.unwrap_or(DEFAULT_INTERVAL);
    if !on_a_step(every) {
        return Err(Failure::Interval { every });
    }
    if args.every.is_some() && args.output == RunForm::Table && args.plot.is_none() {
        say("note: --every has no effect on a table; use it with -o csv, -o json or --plot");
    }
    Ok(())
}

/// Whether something can be done that often: cells can be read and saved between steps only.
fn on_a_step(every: SimSpan) -> bool {
    every != SimSpan::ZERO && every.micros().is_multiple_of(COUPLING_STEP.micros())
}

fn goal(args: &RunArgs, program: Option<&Program>, (time, divided): (SimTime, u32)) -> RunGoal {
    // Goals count from the birth of the first cell, also for a cell that goes on.
    let lived = time.since(SimTime::ZERO).unwrap_or_default();
    match (program, args.span, args.generations) {
        (Some(program), _, _) => RunGoal::Process {
            name: program.name().to_owned(),
        },
        (None, Some(span), _) => RunGoal::Span(
            lived
                .checked_add(span)
                .unwrap_or(SimSpan::from_micros(u64::MAX)),
        ),
        (None, None, n) => RunGoal::Generations(divided.saturating_add(n.unwrap_or(1))),
    }
}

fn read_cell(
    vm: &BasicBiologicalVm,
    samples: Vec<Sample>,
    process: Option<ProcessReport>,
) -> Result<CellReport, VmError> {
    let mut report = vm.inspect(|cell| {
        let (regenerated, granted) = cell.regenerated_and_granted();
        CellReport {
            id: vm.id().clone(),
            metrics: cell.metrics(),
            vitality: cell.vitality(),
            usage: cell.usage(),
            divisions: cell.divisions().to_vec(),
            events: cell.events().to_vec(),
            spent: cell.spent_by_cause(),
            regenerated,
            granted,
            packages: Vec::new(),
            fingerprint: cell.fingerprint(),
            samples: Vec::new(),
            process: None,
        }
    })?;
    report.packages = vm.installed_packages()?;
    report.samples = samples;
    report.process = process;
    Ok(report)
}

fn write_results(args: &RunArgs, report: &RunReport, mut sink: Sink) -> Result<(), Failure> {
    let written = match args.output {
        RunForm::Table => table::write_run(report, &mut sink),
        RunForm::Json => json::write_run(report, args.every.is_some(), &mut sink),
        // The rows are there already: they were written while the cells ran.
        RunForm::Csv => Ok(()),
    };
    written.map_err(|source| sink.failed(source))?;
    finish(report, sink)
}

/// Lets a file appear, and says where if it is not where it was wanted.
fn finish(report: &RunReport, sink: Sink) -> Result<(), Failure> {
    let extent = if report.partial {
        Extent::Partial
    } else {
        Extent::Whole
    };
    if let Some(path) = sink.finish(extent)? {
        say(&format!("interrupted: written as {}", path.display()));
    }
    Ok(())
}

fn write_picture(report: &RunReport, mut sink: Sink) -> Result<(), Failure> {
    let quota = &report.quota.quota;
    let cells = match report.cells.len() {
        1 => String::new(),
        n => format!("; median and 10-90% band of {n} cells"),
    };
    let partial = if report.partial { "PARTIAL; " } else { "" };
    let divisions = match report.cells.as_slice() {
        cells if cells.iter().all(|cell| cell.divisions.is_empty()) => "",
        [_] => "; dotted lines: divisions",
        _ => ", marks at the top: divisions",
    };
    let picture = Picture {
        title: format!("{}, seed {}", report.organism.display_name(), report.seed),
        subtitle: format!(
            "{partial}{}; ATP {}, ribosomes {} of {} units{cells}{divisions}",
            report.goal, quota.atp, quota.ribosomes, report.quota.full_units
        ),
        cells: report
            .cells
            .iter()
            .map(|cell| Trace {
                samples: &cell.samples,
                divisions: &cell.divisions,
            })
            .collect(),
    };
    plot::draw(&picture, &mut sink).map_err(|source| sink.failed(source))?;
    finish(report, sink)
}

/// The last words and the exit code.
fn conclude(config: &Config, report: &RunReport, failed: usize, interrupt: &Interrupt) -> ExitCode {
    for error in report.lost.values() {
        say(&format!("error: {}", explain(error)));
    }
    if !report.lost.is_empty() {
        say(&format!(
            "note: cells that failed are left out of the results, which have {}",
            counted(report.cells.len())
        ));
    }
    if report.partial {
        let reached = report.cells.iter().map(|cell| cell.metrics.sim_time).min();
        let reached = reached.unwrap_or_default();
        say(&format!(
            "interrupted: the results are partial, all cells reached {reached} or later"
        ));
        return interrupt.exit_code();
    }
    if config.biological_settings.function_validation {
        note_functions(report);
    }
    if let RunGoal::Generations(wanted) = report.goal {
        note_undivided(report, wanted);
    }
    if failed > 0 || !report.lost.is_empty() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// Names the basic functions of minimal cells that work badly.
fn note_functions(report: &RunReport) {
    /// A function below this share of its reference works badly.
    const GOOD: f64 = 0.6;
    for cell in &report.cells {
        let OrganismMetrics::MinimalCell(metrics) = &cell.metrics.organism else {
            continue;
        };
        for (function, efficiency) in &metrics.function_efficiency {
            if *efficiency < GOOD {
                say(&format!(
                    "note: the function {function} of {} has an efficiency of {efficiency:.2}, below {GOOD}",
                    cell.id
                ));
            }
        }
    }
}

fn counted(cells: usize) -> String {
    match cells {
        1 => "1 cell".to_owned(),
        n => format!("{n} cells"),
    }
}

fn note_undivided(report: &RunReport, wanted: u32) {
    let short = report
        .cells
        .iter()
        .filter(|cell| !cell.has_reached(&report.goal));
    let dead = short
        .clone()
        .filter(|cell| cell.vitality == Vitality::Dead)
        .count();
    match short.count() {
        0 => {}
        short => say(&format!(
            "note: {short} of {} cells did not divide {wanted} times within 12 h of simulated time each; of them, {dead} died and were left there",
            report.cells.len()
        )),
    }
}
