//! Disks and where they are.

use std::collections::BTreeMap;
use std::time::Duration;

use super::call::Bounds;
use super::session::Xapi;
use super::task::Operation;
use super::vm::{BUSY, NameOrUuid, gone};
use crate::error::XapiError;
use crate::value::{Ref, Sr, Uuid, Value, ValueError, Vbd, Vdi, Vm};

/// What a VBD shows its VM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VbdKind {
    /// A disk.
    Disk,
    /// A CD drive.
    Cd,
    /// Something else.
    Other,
}

/// A disk or a CD drive as a VM sees it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct VbdRecord {
    /// Its lasting name.
    pub uuid: Uuid,
    /// The VM it is in.
    pub vm: Option<Ref<Vm>>,
    /// The disk image, if there is one in it.
    pub vdi: Option<Ref<Vdi>>,
    /// What it is.
    pub kind: VbdKind,
    /// Whether there is nothing in it.
    pub empty: bool,
    /// Whether it cannot be written.
    pub read_only: bool,
    /// Its place, a number as text.
    pub userdevice: String,
    /// Whether it is plugged in.
    pub currently_attached: bool,
    /// What programs keep with it.
    pub other_config: BTreeMap<String, String>,
}

impl VbdRecord {
    fn read(value: &Value) -> Result<Self, ValueError> {
        let record = value.as_record()?;
        Ok(Self {
            uuid: record.required("uuid", Value::as_uuid)?,
            vm: record.reference("VM")?,
            vdi: record.reference("VDI")?,
            kind: match record.text("type")?.as_str() {
                "Disk" => VbdKind::Disk,
                "CD" => VbdKind::Cd,
                _ => VbdKind::Other,
            },
            empty: record.bool("empty")?,
            read_only: record.text("mode")? == "RO",
            userdevice: record.text("userdevice")?,
            currently_attached: record.bool("currently_attached")?,
            other_config: record.map("other_config")?,
        })
    }
}

/// A disk image.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct VdiRecord {
    /// Its lasting name.
    pub uuid: Uuid,
    /// Its name for people.
    pub name_label: String,
    /// Where it is.
    pub sr: Option<Ref<Sr>>,
    /// Who uses it.
    pub vbds: Vec<Ref<Vbd>>,
    /// Its size as a guest sees it, bytes.
    pub virtual_size: i64,
    /// Whether several may use it.
    pub sharable: bool,
    /// Whether it cannot be written.
    pub read_only: bool,
    /// Whether it is of a snapshot.
    pub is_a_snapshot: bool,
    /// What programs keep with it.
    pub other_config: BTreeMap<String, String>,
}

impl VdiRecord {
    fn read(value: &Value) -> Result<Self, ValueError> {
        let record = value.as_record()?;
        Ok(Self {
            uuid: record.required("uuid", Value::as_uuid)?,
            name_label: record.text("name_label")?,
            sr: record.reference("SR")?,
            vbds: record.references("VBDs")?,
            virtual_size: record.int("virtual_size")?,
            sharable: record.bool("sharable")?,
            read_only: record.bool("read_only")?,
            is_a_snapshot: record.bool("is_a_snapshot")?,
            other_config: record.map("other_config")?,
        })
    }
}

/// A storage repository.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SrRecord {
    /// Its lasting name.
    pub uuid: Uuid,
    /// Its name for people.
    pub name_label: String,
    /// How it stores.
    pub kind: String,
    /// What it stores; `iso` is not for disks.
    pub content_type: String,
    /// Whether all hosts see it.
    pub shared: bool,
    /// Its size, bytes; -1 or 0 if it is not known.
    pub physical_size: i64,
    /// How much of it is used, bytes; -1 or 0 if it is not known.
    pub physical_utilisation: i64,
}

impl SrRecord {
    fn read(value: &Value) -> Result<Self, ValueError> {
        let record = value.as_record()?;
        Ok(Self {
            uuid: record.required("uuid", Value::as_uuid)?,
            name_label: record.text("name_label")?,
            kind: record.text("type")?,
            content_type: record.text("content_type")?,
            shared: record.bool("shared")?,
            physical_size: record.int("physical_size")?,
            physical_utilisation: record.int("physical_utilisation")?,
        })
    }

    /// Whether disks can be on it.
    pub fn is_for_disks(&self) -> bool {
        self.content_type != "iso" && self.kind != "iso" && self.kind != "udev"
    }
}

impl Xapi {
    /// How often and after what pause the removal of a disk is tried: the host needs some time to let go of it.
    const DETACH: (u32, Duration) = (10, Duration::from_secs(3));

    /// Disks and CD drives of a VM.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if they cannot be read.
    pub fn vbds_of_vm(
        &self,
        vm: &Ref<Vm>,
        bounds: Bounds<'_>,
    ) -> Result<Vec<(Ref<Vbd>, VbdRecord)>, XapiError> {
        let all = self.ask("VM.get_VBDs", vec![vm.into()], bounds, |set| {
            set.as_set(Value::as_ref)
        })?;
        let mut found = Vec::with_capacity(all.len());
        for vbd in all {
            if let Some(record) = gone(self.vbd_record(&vbd, bounds))? {
                found.push((vbd, record));
            }
        }
        Ok(found)
    }

    /// Reads a disk or CD drive of a VM.
    ///
    /// # Errors
    ///
    /// [`XapiError`], a failure `HANDLE_INVALID` if there is none.
    pub fn vbd_record(&self, vbd: &Ref<Vbd>, bounds: Bounds<'_>) -> Result<VbdRecord, XapiError> {
        self.ask("VBD.get_record", vec![vbd.into()], bounds, VbdRecord::read)
    }

    /// Takes a disk away from a VM that is halted, and leaves the image as it is; one that is gone is taken away already.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if the server refuses.
    pub fn destroy_vbd(&self, vbd: &Ref<Vbd>, bounds: Bounds<'_>) -> Result<(), XapiError> {
        gone(self.tell("VBD.destroy", vec![vbd.into()], bounds)).map(drop)
    }

    /// Reads a disk image.
    ///
    /// # Errors
    ///
    /// [`XapiError`], a failure `HANDLE_INVALID` if there is none.
    pub fn vdi_record(&self, vdi: &Ref<Vdi>, bounds: Bounds<'_>) -> Result<VdiRecord, XapiError> {
        self.ask("VDI.get_record", vec![vdi.into()], bounds, VdiRecord::read)
    }

    /// The disk image of a UUID.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if it cannot be read.
    pub fn vdi_by_uuid(
        &self,
        uuid: &Uuid,
        bounds: Bounds<'_>,
    ) -> Result<Option<(Ref<Vdi>, VdiRecord)>, XapiError> {
        let Some(reference) = self.by_uuid("VDI.get_by_uuid", uuid, bounds)? else {
            return Ok(None);
        };
        let record = gone(self.vdi_record(&reference, bounds))?;
        Ok(record.map(|record| (reference, record)))
    }

    /// All disk images that a filter lets through.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if they cannot be read.
    pub fn vdi_records(
        &self,
        bounds: Bounds<'_>,
        mut wanted: impl FnMut(&VdiRecord) -> bool,
    ) -> Result<Vec<(Ref<Vdi>, VdiRecord)>, XapiError> {
        let all = self.ask("VDI.get_all_records", vec![], bounds, |all| {
            all.as_map(VdiRecord::read)
        })?;
        Ok(all
            .into_iter()
            .filter_map(|(reference, record)| Some((Ref::new(reference)?, record)))
            .filter(|(_, record)| wanted(record))
            .collect())
    }

    /// Keeps a word with a disk image under a new key; if it is kept there already, that is fine.
    ///
    /// # Errors
    ///
    /// [`XapiError`], a failure `MAP_DUPLICATE_KEY` if another word is there.
    pub fn add_to_vdi_config(
        &self,
        vdi: &Ref<Vdi>,
        key: &str,
        word: &str,
        bounds: Bounds<'_>,
    ) -> Result<(), XapiError> {
        self.add_once("VDI", "other_config", vdi.into(), key, word.into(), bounds)
    }

    /// Replaces all that programs keep with a disk image.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if the server refuses.
    pub fn set_vdi_config(
        &self,
        vdi: &Ref<Vdi>,
        config: &BTreeMap<String, String>,
        bounds: Bounds<'_>,
    ) -> Result<(), XapiError> {
        let config = Value::map(
            config
                .iter()
                .map(|(key, word)| (key.as_str(), word.as_str())),
        );
        self.tell("VDI.set_other_config", vec![vdi.into(), config], bounds)
    }

    /// Removes a disk image; one that is gone is removed already.
    ///
    /// While it is in use, it is tried ten times within half a minute.
    ///
    /// # Errors
    ///
    /// [`XapiError`], a failure `VDI_IN_USE` if somebody keeps it.
    pub fn destroy_vdi(&self, vdi: &Ref<Vdi>, bounds: Bounds<'_>) -> Result<(), XapiError> {
        let operation = Operation {
            call: "VDI.destroy",
            step: "the removal of the disk",
            limit: self.limits().destroy,
        };
        let timer = &*self.shared.timer;
        let bounds = bounds.step(operation.step, operation.limit, timer);
        let mut tries = 0;
        loop {
            let done = self.patiently(&[BUSY], bounds, |bounds| {
                self.run(operation, vec![vdi.into()], bounds)
            });
            tries += 1;
            match done {
                Err(error) if error.is("VDI_IN_USE") && tries < Self::DETACH.0 => {
                    match bounds.pause(Self::DETACH.1, timer) {
                        Ok(()) => {}
                        Err(XapiError::Cancelled) => return Err(XapiError::Cancelled),
                        Err(_) => return Err(error),
                    }
                }
                done => return gone(done).map(drop),
            }
        }
    }

    /// All storage repositories.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if they cannot be read.
    pub fn srs(&self, bounds: Bounds<'_>) -> Result<Vec<(Ref<Sr>, SrRecord)>, XapiError> {
        let all = self.ask("SR.get_all_records", vec![], bounds, |all| {
            all.as_map(SrRecord::read)
        })?;
        Ok(all
            .into_iter()
            .filter_map(|(reference, record)| Some((Ref::new(reference)?, record)))
            .collect())
    }

    /// The storage repository for disks of a name or a UUID.
    ///
    /// # Errors
    ///
    /// [`XapiError::NotFound`] if there is none, [`XapiError::Ambiguous`] if several have the name.
    pub fn find_sr(
        &self,
        name: &str,
        bounds: Bounds<'_>,
    ) -> Result<(Ref<Sr>, SrRecord), XapiError> {
        let mut all = self.srs(bounds)?;
        all.retain(|(_, record)| record.is_for_disks());
        let name = NameOrUuid::from(name);
        one_of("storage repository", &name, all, |record| {
            (&record.uuid, &record.name_label)
        })
    }

    /// Where disks go by default, if the pool has such a place.
    ///
    /// # Errors
    ///
    /// [`XapiError`] if it cannot be read.
    pub fn default_sr(&self, bounds: Bounds<'_>) -> Result<Option<(Ref<Sr>, SrRecord)>, XapiError> {
        let Some(sr) = self.pool(bounds)?.1.default_sr else {
            return Ok(None);
        };
        let record = self.ask("SR.get_record", vec![(&sr).into()], bounds, SrRecord::read);
        // The pool may name one that is gone.
        Ok(gone(record)?.map(|record| (sr, record)))
    }
}

/// The one of a name or a UUID.
pub(super) fn one_of<C, R>(
    what: &'static str,
    name: &NameOrUuid,
    all: Vec<(Ref<C>, R)>,
    names: impl Fn(&R) -> (&Uuid, &String),
) -> Result<(Ref<C>, R), XapiError> {
    let (shown, mut found): (String, Vec<_>) = match name {
        NameOrUuid::Uuid(wanted) => (
            wanted.to_string(),
            all.into_iter()
                .filter(|(_, record)| names(record).0 == wanted)
                .collect(),
        ),
        NameOrUuid::Name(wanted) => (
            format!("{wanted:?}"),
            all.into_iter()
                .filter(|(_, record)| names(record).1 == wanted)
                .collect(),
        ),
    };
    if found.len() > 1 {
        return Err(XapiError::Ambiguous {
            what,
            name: shown,
            uuids: found
                .iter()
                .map(|(_, record)| names(record).0.clone())
                .collect(),
        });
    }
    found.pop().ok_or(XapiError::NotFound { what, name: shown })
}
