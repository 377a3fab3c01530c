//! What each command does.

mod execute;
mod image;
mod start;

use std::process::ExitCode;

use bioxen_agent::{Answer, Grant, Place, ProtocolVersion, Request, VmRequest};
use bioxen_core::{VmError, VmId, VmState};
use bioxen_hypervisor::IMAGE_VERSION;

use crate::agent::Agent;
use crate::args::{AskArgs, Cli, Verb, VmArgs};
use crate::failure::{Exit, Failure, say};
use crate::output::{About, Allocated, Installed, List, Metrics, Status, Step, Versions, print};
use crate::{daemon, doctor, relay, state};

/// Does what was typed.
pub(crate) fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let Cli { state, verb } = cli;
    let place = || state::folder(state.as_deref()).map(|folder| Place::of(&folder));
    let meet = |ask: AskArgs| Agent::meet(place().ok_or(Failure::NoState)?, Some(ask.timeout));
    match verb {
        Verb::Start(args) => start::run(&mut meet(args.ask)?, *args),
        Verb::Execute(args) => {
            // What cannot be run is refused before a daemon is started for it.
            let code = execute::code(&args.code)?;
            let mut agent = Agent::meet(place().ok_or(Failure::NoState)?, None)?;
            execute::run(&mut agent, args.vm.id, code, args.timeout)
        }
        Verb::Install(args) => {
            let ask = VmRequest::Install(args.package);
            let answer = of(&mut meet(args.ask)?, &args.vm.id, ask)?;
            let report = expect(answer, |answer| match answer {
                Answer::Installed(report) => Some(report),
                _ => None,
            })?;
            print(report.success, &Installed::of(&args.vm.id, &report))?;
            Ok(done_if(report.success))
        }
        Verb::Status(VmArgs { vm, ask }) => {
            let answer = of(&mut meet(ask)?, &vm.id, VmRequest::Inspect)?;
            let inspection = inspection(answer)?;
            print(true, &About::of(&inspection))?;
            Ok(ExitCode::SUCCESS)
        }
        Verb::Metrics(VmArgs { vm, ask }) => {
            let answer = of(&mut meet(ask)?, &vm.id, VmRequest::Metrics)?;
            let metrics = expect(answer, |answer| match answer {
                Answer::Metrics(metrics) => Some(metrics),
                _ => None,
            })?;
            print(true, &Metrics::of(&vm.id, &metrics))?;
            Ok(ExitCode::SUCCESS)
        }
        Verb::Allocate(args) => {
            let grant = Grant::of(args.grant.atp, args.grant.ribosomes);
            let grant = grant.expect("the command line has one of them");
            let answer = of(
                &mut meet(args.ask)?,
                &args.vm.id,
                VmRequest::Allocate(grant),
            )?;
            let allocation = expect(answer, |answer| match answer {
                Answer::Allocation(allocation) => Some(allocation),
                _ => None,
            })?;
            if let Some(notice) = allocation.notice {
                say(&format!("note: {notice}"));
            }
            print(true, &Allocated::of(&args.vm.id, &allocation))?;
            Ok(ExitCode::SUCCESS)
        }
        Verb::Snapshot(args) => image::save(&mut meet(args.ask)?, &args.vm.id, args.out),
        Verb::Restore(args) => {
            let image = image::read(&args.from)?;
            let mut agent = meet(args.ask)?;
            done(of(&mut agent, &args.vm.id, VmRequest::Restore(image))?)?;
            let status = status(&mut agent, &args.vm.id)?;
            print(true, &Status::of(&status))?;
            Ok(ExitCode::SUCCESS)
        }
        Verb::Pause(args) => step(meet, args, VmRequest::Pause, VmState::Paused),
        Verb::Resume(args) => step(meet, args, VmRequest::Resume, VmState::Running),
        Verb::Stop(args) => step(meet, args, VmRequest::Stop, VmState::Stopped),
        Verb::Destroy(args) => step(meet, args, VmRequest::Destroy, VmState::Destroyed),
        Verb::List(ask) => {
            let answer = meet(ask)?.ask(&Request::List)?;
            let vms = expect(answer, |answer| match answer {
                Answer::Vms(vms) => Some(vms),
                _ => None,
            })?;
            let vms = vms.iter().map(Status::of).collect();
            print(true, &List { vms })?;
            Ok(ExitCode::SUCCESS)
        }
        Verb::Daemon(args) => Ok(match place() {
            Some(place) => daemon::run(&place, args).unwrap_or_else(|e| e.log()),
            None => Failure::NoState.log(),
        }),
        Verb::Serve(_) => Ok(match place() {
            Some(place) => relay::run(&place).unwrap_or_else(|e| e.log()),
            None => Failure::NoState.log(),
        }),
        Verb::Version => {
            let versions = Versions {
                version: env!("CARGO_PKG_VERSION"),
                protocol: ProtocolVersion::CURRENT.to_string(),
                image_format: IMAGE_VERSION,
            };
            print(true, &versions)?;
            Ok(ExitCode::SUCCESS)
        }
        Verb::Doctor(args) => doctor::run(&place().ok_or(Failure::NoState)?, args.output),
    }
}

/// A step of the life of a VM, with the state that it is in afterward.
fn step(
    meet: impl FnOnce(AskArgs) -> Result<Agent, Failure>,
    args: VmArgs,
    ask: VmRequest,
    state: VmState,
) -> Result<ExitCode, Failure> {
    let id = args.vm.id;
    done(of(&mut meet(args.ask)?, &id, ask)?)?;
    print(true, &Step { vm_id: &id, state })?;
    Ok(ExitCode::SUCCESS)
}

/// Asks something of a VM.
fn of(agent: &mut Agent, id: &VmId, ask: VmRequest) -> Result<Answer, Failure> {
    let vm = id.clone();
    agent.ask(&Request::Vm { vm, ask })
}

fn status(agent: &mut Agent, id: &VmId) -> Result<bioxen_core::VmStatus, Failure> {
    let answer = of(agent, id, VmRequest::Status)?;
    expect(answer, |answer| match answer {
        Answer::Status(status) => Some(*status),
        _ => None,
    })
}

fn inspection(answer: Answer) -> Result<Box<bioxen_agent::Inspection>, Failure> {
    expect(answer, |answer| match answer {
        Answer::Inspection(inspection) => Some(inspection),
        _ => None,
    })
}

fn done(answer: Answer) -> Result<(), Failure> {
    expect(answer, |answer| {
        matches!(answer, Answer::Done).then_some(())
    })
}

/// What `take` finds in an answer.
fn expect<T>(answer: Answer, take: impl FnOnce(Answer) -> Option<T>) -> Result<T, Failure> {
    let kind = answer.kind();
    take(answer).ok_or(Failure::OtherAnswer { kind })
}

fn done_if(success: bool) -> ExitCode {
    if success {
        ExitCode::SUCCESS
    } else {
        Exit::Failed.into()
    }
}

/// Whether there is no VM of that name.
fn is_missing(failure: &Failure) -> bool {
    matches!(failure, Failure::Vm(VmError::NotFound { .. }))
}
