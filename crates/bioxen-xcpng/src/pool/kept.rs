//! What the pool keeps with the VM of a guest: words about the cell that it will have, and how that was when it was last seen.

use bioxen_agent::{Answer, Inspection, Message, MessageError, Request, UnixMillis};
use bioxen_core::{
    Infrastructure, PackageName, Quota, RibosomeUnit, SimTime, Vitality, VmSpec, VmState, VmStatus,
};

use super::mark::{self, CREATE, INSPECTION, NEXT, ORGANISM, OWNER, VM};
use super::{Guest, XcpngError, XcpngPool};
use crate::xapi::{Bounds, VmRecord};

impl XcpngPool {
    /// Writes down with the clone whose it is and which cell it will have.
    pub(super) fn mark(
        &self,
        guest: &Guest,
        record: &VmRecord,
        spec: &VmSpec,
        packages: &[PackageName],
        bounds: Bounds<'_>,
    ) -> Result<(), XcpngError> {
        let words = self.first_words(guest, spec, packages);
        let words = words.map_err(|source| XcpngError::Kept {
            id: guest.id.clone(),
            source,
        })?;
        for (key, word) in words {
            // The template may be a guest of old, whose words the clone carries.
            if record.other_config.contains_key(key) {
                self.xapi()
                    .remove_from_vm_config(&guest.reference, key, bounds)?;
            }
            self.xapi()
                .add_to_vm_config(&guest.reference, key, &word, bounds)?;
        }
        if record.other_config.contains_key(NEXT) {
            self.xapi()
                .remove_from_vm_config(&guest.reference, NEXT, bounds)?;
        }
        self.xapi().add_vm_tag(&guest.reference, "bioxen", bounds)?;
        Ok(())
    }

    /// What a VM says of its cell before it begins, by key.
    fn first_words(
        &self,
        guest: &Guest,
        spec: &VmSpec,
        packages: &[PackageName],
    ) -> Result<[(&'static str, String); 5], MessageError> {
        let create = Request::Create {
            spec: spec.clone(),
            packages: packages.to_vec(),
        };
        let inspection = Inspection {
            status: planned_status(spec),
            priority: spec.priority(),
            elongation: spec.elongation(),
            created_at: UnixMillis::new(self.timer().unix_millis()),
            usage: None,
            packages: Vec::new(),
        };
        Ok([
            (OWNER, mark::owner(self.shared.installation, &guest.uuid)),
            (VM, guest.id.to_string()),
            (ORGANISM, guest.organism.to_string()),
            (CREATE, text(&create.encode()?)),
            (INSPECTION, inspection_text(inspection)?),
        ])
    }

    /// Keeps with the VM how its cell was when it was last seen.
    pub(crate) fn keep(&self, guest: &Guest, inspection: &Inspection) -> Result<(), XcpngError> {
        let mut inspection = inspection.clone();
        inspection.status.infrastructure = Infrastructure::Xcpng;
        let word = inspection_text(inspection).map_err(|source| XcpngError::Kept {
            id: guest.id.clone(),
            source,
        })?;
        let bounds = self.step("keeping the state of the VM", self.options().limits.request);
        // A word is replaced in two calls, and whoever comes or fails between them finds the other one.
        for key in [NEXT, INSPECTION] {
            let vm = &guest.reference;
            self.xapi().remove_from_vm_config(vm, key, bounds)?;
            self.xapi().add_to_vm_config(vm, key, &word, bounds)?;
        }
        Ok(())
    }

    /// What the agent of a guest is asked to make, as it was kept when the guest was made.
    pub(crate) fn create_request(&self, guest: &Guest) -> Result<Request, XcpngError> {
        let bounds = self.step("reading the VM", self.options().limits.request);
        let record = self.xapi().vm_record(&guest.reference, bounds)?;
        Request::decode(guest.word(&record, CREATE)).map_err(|source| XcpngError::Kept {
            id: guest.id.clone(),
            source,
        })
    }
}

impl Guest {
    /// How the VM and its cell were when that was kept last.
    pub(crate) fn kept(&self, record: &VmRecord) -> Result<Inspection, XcpngError> {
        let is_replaced = !record.other_config.contains_key(INSPECTION);
        let key = if is_replaced { NEXT } else { INSPECTION };
        match Answer::decode(self.word(record, key)) {
            Ok(Answer::Inspection(inspection)) => Ok(*inspection),
            Ok(other) => Err(XcpngError::Kept {
                id: self.id.clone(),
                source: MessageError::UnknownAnswer {
                    kind: other.kind().to_owned(),
                },
            }),
            Err(source) => Err(XcpngError::Kept {
                id: self.id.clone(),
                source,
            }),
        }
    }

    /// A message that is kept as a word; an empty one, which cannot be read, if there is none.
    fn word(&self, record: &VmRecord, key: &str) -> Message {
        let json = record.other_config.get(key).cloned().unwrap_or_default();
        Message {
            json: json.into_bytes(),
            body: Vec::new(),
        }
    }
}

/// How a VM is that has not begun.
pub(crate) fn planned_status(spec: &VmSpec) -> VmStatus {
    let ribosomes = match spec.ribosome_unit() {
        RibosomeUnit::Share => spec.ribosomes().min(spec.organism().full_ribosome_units()),
        RibosomeUnit::Physical => spec.ribosomes(),
    };
    VmStatus {
        id: spec.id().clone(),
        organism: spec.organism(),
        infrastructure: Infrastructure::Xcpng,
        state: VmState::Created,
        sim_time: SimTime::ZERO,
        generation: 0,
        vitality: Vitality::Viable,
        quota: Quota {
            atp: spec.atp(),
            ribosomes,
            unit: spec.ribosome_unit(),
        },
        pacing: spec.pacing(),
        seed: spec.seed(),
    }
}

fn inspection_text(inspection: Inspection) -> Result<String, MessageError> {
    let message = Answer::Inspection(Box::new(inspection)).encode()?;
    Ok(text(&message))
}

/// A message without a body, as text.
fn text(message: &Message) -> String {
    String::from_utf8_lossy(&message.json).into_owned()
}
