//! VMs that do as a test says.

use std::collections::BTreeMap;
use std::sync::Arc;

use bioxen_core::*;
use parking_lot::Mutex;

pub(crate) fn id(name: &str) -> VmId {
    VmId::new(name).expect("a short plain name")
}

pub(crate) fn usage(atp_percent: f64, ribosome_utilization: f64) -> ResourceUsage {
    ResourceUsage {
        sim_time: SimTime::from_micros(0),
        atp_percent,
        atp_quota: AtpPercent::FULL,
        atp_regenerated_percent: 90.0,
        energy_charge: 0.9,
        ribosome_utilization,
        allocated_ribosomes: RibosomeCount::new(10),
        ribosome_unit: RibosomeUnit::Share,
        ribosome_cap: Molecules::new(500),
        ribosomes_total: Molecules::new(500),
        ribosomes_translating: Molecules::new(400),
        rnap_total: Molecules::new(100),
        rnap_transcribing: Molecules::new(50),
        atp_use_per_s: vec![("translation".to_owned(), 1e5)],
    }
}

/// A probe of which a test sets the reading.
#[derive(Debug)]
pub(crate) struct FakeProbe {
    id: VmId,
    pub(crate) reading: Mutex<Option<ResourceUsage>>,
    pub(crate) panics: Mutex<bool>,
}

impl FakeProbe {
    pub(crate) fn new(name: &str) -> Arc<Self> {
        Arc::new(Self {
            id: id(name),
            reading: Mutex::new(None),
            panics: Mutex::new(false),
        })
    }

    /// Publishes a reading of this second.
    pub(crate) fn publish(&self, second: u64, atp: f64, ribosomes: f64) {
        let sim_time = SimTime::from_micros(second * 1_000_000);
        *self.reading.lock() = Some(ResourceUsage {
            sim_time,
            ..usage(atp, ribosomes)
        });
    }
}

impl Probe for FakeProbe {
    fn id(&self) -> &VmId {
        &self.id
    }

    fn usage(&self) -> Option<ResourceUsage> {
        assert!(!*self.panics.lock(), "a probe that fails");
        self.reading.lock().clone()
    }
}

/// A VM without a cell: it grants what it is asked for and answers what a test has set.
#[derive(Debug)]
pub(crate) struct FakeVm {
    id: VmId,
    organism: Organism,
    pub(crate) quota: Quota,
    pub(crate) level: f64,
    pub(crate) growth_per_h: f64,
    pub(crate) phase: GrowthPhase,
    pub(crate) efficiency: f64,
    pub(crate) essential: u32,
    pub(crate) plasmids: u32,
    pub(crate) sim_time: SimTime,
    pub(crate) max_atp: AtpPercent,
    pub(crate) max_ribosomes: RibosomeCount,
    /// Refuses this many changes of ribosomes, and then this many of ATP.
    pub(crate) refuses_ribosomes: u32,
    pub(crate) refuses_atp: u32,
}

impl FakeVm {
    pub(crate) fn new(name: &str, organism: Organism) -> Self {
        Self {
            id: id(name),
            organism,
            quota: Quota {
                atp: AtpPercent::FULL,
                ribosomes: organism.full_ribosome_units(),
                unit: RibosomeUnit::Share,
            },
            level: 70.0,
            growth_per_h: 1.0,
            phase: GrowthPhase::Exponential,
            efficiency: 0.9,
            essential: 418,
            plasmids: 0,
            sim_time: SimTime::from_micros(0),
            max_atp: AtpPercent::FULL,
            max_ribosomes: RibosomeCount::new(1_000),
            refuses_ribosomes: 0,
            refuses_atp: 0,
        }
    }

    fn granted(&self) -> Allocation {
        Allocation {
            quota: self.quota,
            free: self.free(),
            ribosome_cap: Molecules::new(500),
            ribosomes_total: Molecules::new(500),
            notice: None,
        }
    }

    fn free(&self) -> AvailableResources {
        AvailableResources {
            atp_percent_free: AtpPercent::FULL,
            ribosome_units_free: RibosomeCount::new(68),
            ribosome_units_capacity: RibosomeCount::new(68),
            vms: 1,
        }
    }
}

impl BiologicalVm for FakeVm {
    fn id(&self) -> &VmId {
        &self.id
    }

    fn organism(&self) -> Organism {
        self.organism
    }

    fn status(&self) -> Result<VmStatus, VmError> {
        Ok(VmStatus {
            id: self.id.clone(),
            organism: self.organism,
            infrastructure: Infrastructure::Basic,
            state: VmState::Running,
            sim_time: self.sim_time,
            generation: 0,
            vitality: Vitality::Viable,
            quota: self.quota,
            pacing: Pacing::Manual,
            seed: Seed::new(1),
        })
    }

    fn start(&mut self) -> Result<(), VmError> {
        Ok(())
    }

    fn pause(&mut self) -> Result<(), VmError> {
        Ok(())
    }

    fn resume(&mut self) -> Result<(), VmError> {
        Ok(())
    }

    fn stop(&mut self) -> Result<(), VmError> {
        Ok(())
    }

    fn destroy(&mut self) -> Result<(), VmError> {
        Ok(())
    }

    fn advance(&mut self, span: SimSpan) -> Result<SimTime, VmError> {
        self.sim_time = self.sim_time.saturating_add(span);
        Ok(self.sim_time)
    }

    fn execute_biological_process(&mut self, _: &ProcessCode) -> Result<ProcessReport, VmError> {
        Err(VmError::Cancelled)
    }

    fn biological_metrics(&self) -> Result<BiologicalMetrics, VmError> {
        let organism = match self.organism {
            Organism::Syn3a => OrganismMetrics::Syn3a(Syn3aMetrics {
                atp_percent: self.level,
                essential_genes_count: self.essential.min(270),
                essential_genes_total: 270,
                essential_and_quasi_count: self.essential,
                essential_and_quasi_total: 418,
                minimal_status: Vitality::Viable,
            }),
            Organism::Ecoli => OrganismMetrics::Ecoli(EcoliMetrics {
                growth_rate: self.growth_per_h,
                growth_phase: self.phase,
                ppgpp: 0.1,
                plasmids: self.plasmids,
                operons_active: BTreeMap::new(),
                status: Vitality::Viable,
            }),
            Organism::MinimalCell => OrganismMetrics::MinimalCell(MinimalCellMetrics {
                basic_functions: Vec::new(),
                efficiency: self.efficiency,
                function_efficiency: BTreeMap::new(),
                resource_usage: ResourcesInUse {
                    atp_per_s: BTreeMap::new(),
                    ribosomes: Molecules::new(400),
                    rnap: Molecules::new(50),
                    pools: BTreeMap::new(),
                },
                minimal_status: Vitality::Viable,
            }),
        };
        Ok(BiologicalMetrics {
            sim_time: self.sim_time,
            generation: 0,
            growth_rate_per_h: self.growth_per_h,
            energy_charge: 0.9,
            volume_al: 50.0,
            surface_nm2: 5e5,
            protein_total: Molecules::new(1_000),
            mrna_total: Molecules::new(100),
            dna_bp: 543_000,
            organism,
        })
    }

    fn allocate_atp(&mut self, share: AtpPercent) -> Result<Allocation, VmError> {
        if self.refuses_ribosomes == 0 && self.refuses_atp > 0 {
            self.refuses_atp -= 1;
            return Err(VmError::AtpExceeded {
                asked: share,
                free: self.quota.atp,
            });
        }
        if share > self.max_atp {
            return Err(VmError::AtpAboveLimit {
                asked: share,
                limit: self.max_atp,
            });
        }
        self.quota.atp = share;
        Ok(self.granted())
    }

    fn allocate_ribosomes(&mut self, units: RibosomeCount) -> Result<Allocation, VmError> {
        if self.refuses_ribosomes > 0 {
            self.refuses_ribosomes -= 1;
            return Err(VmError::RibosomesExceeded {
                asked: units,
                free: self.quota.ribosomes,
                capacity: RibosomeCount::new(68),
            });
        }
        if units > self.max_ribosomes {
            return Err(VmError::RibosomesAboveLimit {
                asked: units,
                limit: self.max_ribosomes,
            });
        }
        self.quota.ribosomes = units;
        Ok(self.granted())
    }

    fn resource_usage(&self) -> Result<ResourceUsage, VmError> {
        Ok(ResourceUsage {
            sim_time: self.sim_time,
            atp_quota: self.quota.atp,
            allocated_ribosomes: self.quota.ribosomes,
            ribosome_unit: self.quota.unit,
            ..usage(self.level, 50.0)
        })
    }

    fn available_resources(&self) -> Result<AvailableResources, VmError> {
        Ok(self.free())
    }

    fn essential_genes(&self) -> Result<Vec<GeneId>, VmError> {
        Ok(Vec::new())
    }

    fn probe(&self) -> Arc<dyn Probe> {
        FakeProbe::new("fake")
    }

    fn save(&self) -> Result<VmImage, VmError> {
        Ok(VmImage::from_bytes(vec![1]))
    }

    fn restore(&mut self, _: &VmImage) -> Result<(), VmError> {
        Ok(())
    }
}
