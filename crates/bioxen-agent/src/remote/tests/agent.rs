//! An agent whose cells are a few numbers: it has the life cycle, and an answer to each verb.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bioxen_core::{
    Allocation, AtpPercent, AvailableResources, BiologicalMetrics, EcoliMetrics, GeneId,
    GrowthPhase, ImageError, InstallReport, InstalledPackage, Molecules, Operation, Organism,
    OrganismMetrics, PackageName, PackagePlace, ProcessReport, Quota, ResourceUsage, RibosomeCount,
    SimSpan, SimTime, Syn3aMetrics, TranscriptionChange, Vitality, VmError, VmEvent, VmId, VmImage,
    VmSpec, VmState, VmStatus,
};
use parking_lot::Mutex;

use crate::hello::ProtocolVersion;
use crate::message::{
    Answer, Created, Event, EventNumber, Information, Inspection, Ran, Reading, Refusal, Request,
    UnixMillis, VmRequest,
};
use crate::remote::Channel;

#[derive(Debug)]
pub(super) struct FakeAgent {
    vms: BTreeMap<VmId, FakeCell>,
    /// Verbs that it was asked.
    pub(super) asked: Vec<&'static str>,
    pub(super) shut_down: bool,
}

#[derive(Debug)]
struct FakeCell {
    spec: VmSpec,
    state: VmState,
    time: SimTime,
    quota: Quota,
    packages: Vec<PackageName>,
}

pub(super) fn free() -> AvailableResources {
    AvailableResources {
        atp_percent_free: AtpPercent::from_hundredths(5_000).unwrap(),
        ribosome_units_free: RibosomeCount::new(53),
        ribosome_units_capacity: RibosomeCount::new(68),
        vms: 1,
    }
}

fn installed(package: &PackageName) -> InstallReport {
    InstallReport {
        package: package.clone(),
        success: true,
        stdout: format!("installed {package}"),
        stderr: String::new(),
    }
}

impl FakeAgent {
    pub(super) fn new() -> Self {
        Self {
            vms: BTreeMap::new(),
            asked: Vec::new(),
            shut_down: false,
        }
    }

    pub(super) fn answer(&mut self, request: Request) -> Answer {
        self.asked.push(request.verb());
        let answer = match request {
            Request::Create { spec, packages } => self.create(spec, packages),
            Request::List => Ok(Answer::Vms(
                self.vms.values().map(FakeCell::status).collect(),
            )),
            Request::Vm { vm, ask } => self.of_vm(&vm, ask),
            Request::Events { since, limit: _ } => Ok(Answer::Events(vec![Event {
                number: EventNumber::new(since.get() + 1),
                at: UnixMillis::new(1),
                vm: None,
                kind: "started".to_owned(),
                text: "the agent started".to_owned(),
            }])),
            Request::Information => Ok(Answer::Information(Information {
                agent_version: "0.1.0".to_owned(),
                protocol: ProtocolVersion::CURRENT,
                pid: 7,
                state_folder: "/state".to_owned(),
                uptime: Duration::from_secs(1),
                vms: 1,
                threads: 2,
            })),
            Request::ShutDown => {
                self.shut_down = true;
                Ok(Answer::Done)
            }
        };
        answer.unwrap_or_else(|error| Answer::Refused(Refusal::new(&error)))
    }

    fn create(&mut self, spec: VmSpec, packages: Vec<PackageName>) -> Result<Answer, VmError> {
        let id = spec.id().clone();
        if self.vms.contains_key(&id) {
            return Err(VmError::AlreadyExists { id });
        }
        let reports = packages.iter().map(installed).collect();
        let cell = FakeCell {
            state: VmState::Created,
            time: SimTime::ZERO,
            quota: Quota {
                atp: spec.atp(),
                ribosomes: spec.ribosomes(),
                unit: spec.ribosome_unit(),
            },
            packages,
            spec,
        };
        let status = cell.status();
        self.vms.insert(id, cell);
        Ok(Answer::Created(Box::new(Created {
            status,
            notice: None,
            packages: reports,
        })))
    }

    fn of_vm(&mut self, vm: &VmId, ask: VmRequest) -> Result<Answer, VmError> {
        let cell = self
            .vms
            .get_mut(vm)
            .ok_or_else(|| VmError::NotFound { id: vm.clone() })?;
        let destroy = ask == VmRequest::Destroy;
        let answer = cell.answer(ask)?;
        if destroy {
            self.vms.remove(vm);
        }
        Ok(answer)
    }
}

impl FakeCell {
    fn answer(&mut self, ask: VmRequest) -> Result<Answer, VmError> {
        let organism = self.spec.organism();
        Ok(match ask {
            VmRequest::Start => self.step(VmEvent::Start)?,
            VmRequest::Pause => self.step(VmEvent::Pause)?,
            VmRequest::Resume => self.step(VmEvent::Resume)?,
            VmRequest::Stop => self.step(VmEvent::Stop)?,
            VmRequest::Destroy => self.step(VmEvent::Destroy)?,
            VmRequest::Advance(span) => {
                self.run("advance", span)?;
                Answer::Reached(self.time)
            }
            VmRequest::Run { goal, .. } => {
                let span = goal.until().since(self.time).unwrap_or_default();
                self.run("run to a goal", span)?;
                Answer::Ran(Box::new(Ran {
                    sim_time: self.time,
                    generation: 0,
                    is_at_goal: goal.generations().is_none(),
                    samples: Vec::new(),
                }))
            }
            VmRequest::Execute { code, limits } => {
                let started_at = self.time;
                self.run("run a process", SimSpan::from_micros(5))?;
                Answer::Process(Box::new(ProcessReport {
                    success: true,
                    result_json: Some("null".to_owned()),
                    stdout: code.source().to_owned(),
                    stderr: String::new(),
                    failure: None,
                    started_at,
                    ended_at: self.time,
                    steps: limits.map_or(0, |limits| limits.steps),
                }))
            }
            VmRequest::Install(package) => {
                self.packages.push(package.clone());
                Answer::Installed(installed(&package))
            }
            VmRequest::Remove(package) => {
                if !self.packages.contains(&package) {
                    return Err(VmError::Backend {
                        context: "the package cannot be removed",
                        source: "the VM does not have it".into(),
                    });
                }
                self.packages.retain(|there| *there != package);
                Answer::Installed(installed(&package))
            }
            VmRequest::Packages => Answer::Packages(self.installed()),
            VmRequest::Status => Answer::Status(Box::new(self.status())),
            VmRequest::Metrics => Answer::Metrics(Box::new(self.metrics())),
            VmRequest::Allocate(grant) => self.allocate(grant.atp(), grant.ribosomes())?,
            VmRequest::Usage => Answer::Usage(Box::new(self.usage())),
            VmRequest::Available => Answer::Available(free()),
            VmRequest::Save => Answer::Image(VmImage::from_bytes(
                self.time.micros().to_le_bytes().to_vec(),
            )),
            VmRequest::Restore(image) => {
                let bytes = image.as_bytes().try_into();
                let micros = bytes.map_err(|_| ImageError::NotAnImage)?;
                self.time = SimTime::from_micros(u64::from_le_bytes(micros));
                Answer::Done
            }
            VmRequest::EssentialGenes => Answer::Genes(vec![GeneId::new("dnaA").unwrap()]),
            VmRequest::StartTranscription(genes) => {
                organism.require(Operation::StartTranscription)?;
                Answer::Transcription(genes.into_iter().map(change).collect())
            }
            VmRequest::ManageOperons { .. } => {
                organism.require(Operation::ManageOperons)?;
                Answer::Done
            }
            VmRequest::PlasmidCount => {
                organism.require(Operation::PlasmidCount)?;
                Answer::Plasmids(3)
            }
            VmRequest::Inspect => Answer::Inspection(Box::new(Inspection {
                status: self.status(),
                priority: self.spec.priority(),
                elongation: self.spec.elongation(),
                created_at: UnixMillis::new(5),
                usage: Some(self.usage()),
                packages: self.installed(),
            })),
            VmRequest::History(_) => Answer::History(vec![Reading {
                taken_at: UnixMillis::new(6),
                usage: self.usage(),
            }]),
        })
    }

    fn step(&mut self, event: VmEvent) -> Result<Answer, VmError> {
        self.state = self.state.apply(event)?;
        Ok(Answer::Done)
    }

    fn run(&mut self, operation: &'static str, span: SimSpan) -> Result<(), VmError> {
        if self.state != VmState::Running {
            return Err(VmError::NotRunning {
                id: self.spec.id().clone(),
                state: self.state,
                operation,
            });
        }
        self.time = self.time.saturating_add(span);
        Ok(())
    }

    fn allocate(
        &mut self,
        atp: Option<AtpPercent>,
        ribosomes: Option<RibosomeCount>,
    ) -> Result<Answer, VmError> {
        let free = free();
        if let Some(asked) = atp.filter(|asked| *asked > free.atp_percent_free) {
            return Err(VmError::AtpExceeded {
                asked,
                free: free.atp_percent_free,
            });
        }
        self.quota.atp = atp.unwrap_or(self.quota.atp);
        self.quota.ribosomes = ribosomes.unwrap_or(self.quota.ribosomes);
        Ok(Answer::Allocation(Box::new(Allocation {
            quota: self.quota,
            free,
            ribosome_cap: Molecules::new(100),
            ribosomes_total: Molecules::new(200),
            notice: None,
        })))
    }

    fn installed(&self) -> Vec<InstalledPackage> {
        self.packages
            .iter()
            .map(|package| InstalledPackage {
                name: package.to_string(),
                version: "1".to_owned(),
                place: PackagePlace::Plasmid,
            })
            .collect()
    }

    fn status(&self) -> VmStatus {
        VmStatus {
            id: self.spec.id().clone(),
            organism: self.spec.organism(),
            infrastructure: self.spec.infrastructure(),
            state: self.state,
            sim_time: self.time,
            generation: 0,
            vitality: Vitality::Viable,
            quota: self.quota,
            pacing: self.spec.pacing(),
            seed: self.spec.seed(),
        }
    }

    fn metrics(&self) -> BiologicalMetrics {
        let organism = match self.spec.organism() {
            Organism::Ecoli => OrganismMetrics::Ecoli(EcoliMetrics {
                growth_rate: 1.0,
                growth_phase: GrowthPhase::Exponential,
                ppgpp: 50.0,
                plasmids: 3,
                operons_active: BTreeMap::new(),
                status: Vitality::Viable,
            }),
            Organism::Syn3a | Organism::MinimalCell => OrganismMetrics::Syn3a(Syn3aMetrics {
                atp_percent: 90.0,
                essential_genes_count: 270,
                essential_genes_total: 270,
                essential_and_quasi_count: 418,
                essential_and_quasi_total: 418,
                minimal_status: Vitality::Viable,
            }),
        };
        BiologicalMetrics {
            sim_time: self.time,
            generation: 0,
            growth_rate_per_h: 0.4,
            energy_charge: 0.9,
            volume_al: 33.0,
            surface_nm2: 5e5,
            protein_total: Molecules::new(77_000),
            mrna_total: Molecules::new(200),
            dna_bp: 543_379,
            organism,
        }
    }

    fn usage(&self) -> ResourceUsage {
        ResourceUsage {
            sim_time: self.time,
            atp_percent: 90.0,
            atp_quota: self.quota.atp,
            atp_regenerated_percent: 80.0,
            energy_charge: 0.9,
            ribosome_utilization: 70.0,
            allocated_ribosomes: self.quota.ribosomes,
            ribosome_unit: self.quota.unit,
            ribosome_cap: Molecules::new(100),
            ribosomes_total: Molecules::new(200),
            ribosomes_translating: Molecules::new(70),
            rnap_total: Molecules::new(90),
            rnap_transcribing: Molecules::new(45),
            atp_use_per_s: vec![("translation".to_owned(), 1e4)],
        }
    }
}

fn change(gene: GeneId) -> TranscriptionChange {
    TranscriptionChange {
        locus_tag: gene.clone(),
        gene,
        activity_before: 1.0,
        activity_after: 10.0,
        expected_first_transcript: SimSpan::from_micros(1),
        expected_first_protein: SimSpan::from_micros(2),
    }
}

/// A channel to a fake agent in the same thread, through real messages.
#[derive(Clone, Debug)]
pub(super) struct Loopback {
    pub(super) agent: Arc<Mutex<FakeAgent>>,
    pub(super) cut: Arc<Mutex<bool>>,
}

impl Loopback {
    pub(super) fn new() -> Self {
        Self {
            agent: Arc::new(Mutex::new(FakeAgent::new())),
            cut: Arc::new(Mutex::new(false)),
        }
    }
}

impl Channel for Loopback {
    fn call(&mut self, request: &Request) -> Result<Answer, VmError> {
        if *self.cut.lock() {
            return Err(VmError::Backend {
                context: "the agent did not answer",
                source: "the wire is cut".into(),
            });
        }
        let received = Request::decode(request.encode().unwrap()).unwrap();
        let answer = self.agent.lock().answer(received);
        Ok(Answer::decode(answer.encode().unwrap()).unwrap())
    }
}
