//! Messages that are made from fields and classes, for all classes alike.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::Pool;
use super::call::Request;
use super::filter::Filter;
use super::job::Step;
use crate::xapi::failure::Failure;
use crate::xapi::model::Kind;
use crate::xapi::value::Value;

impl Pool {
    /// A message that no class has its own way for.
    pub(super) fn generic_message(&mut self, request: &Request) -> Result<Step, Failure> {
        let class = request.class.as_str();
        if !self
            .store
            .model
            .class(class)
            .is_some_and(|known| known.in_database)
        {
            // There are no messages to operators.
            return match (class, request.name.as_str()) {
                ("message", "get_all") => Ok(Step::Done(Value::Set(Vec::new()))),
                ("message", "get_all_records") => Ok(Step::Done(Value::Map(BTreeMap::new()))),
                _ => Err(Self::not_simulated(request)),
            };
        }
        let value = match &request.kind {
            Kind::Get(field) => {
                let reference = request.text(0);
                if class == "task" {
                    self.refresh_task(reference);
                }
                self.store.get(class, reference, field)?
            }
            Kind::Set(field) => {
                let value = request.arg(1).clone();
                self.store.set(class, request.text(0), field, value)?;
                Value::void()
            }
            Kind::Add(field) | Kind::Remove(field) => {
                let field = field.clone();
                return self.map_message(request, &field);
            }
            Kind::GetByUuid => {
                let uuid = request.text(0);
                let found = self.store.find(class, "uuid", &Value::from(uuid));
                match found.into_iter().next() {
                    Some(reference) => Value::from(reference),
                    None => return Err(Failure::new("UUID_INVALID", [class, uuid])),
                }
            }
            Kind::GetByNameLabel => {
                let label = Value::from(request.text(0));
                Value::texts(self.store.find(class, "name_label", &label))
            }
            Kind::GetRecord => {
                let reference = request.text(0);
                if class == "task" {
                    self.refresh_task(reference);
                }
                self.store.record(class, reference)?
            }
            Kind::GetAll => Value::texts(self.store.all(class)),
            Kind::GetAllRecords => self.records(class, &Filter::Always(true))?,
            Kind::GetAllRecordsWhere => self.records(class, &Filter::parse(request.text(0))?)?,
            Kind::GetAllWhere => {
                let records = self.records(class, &Filter::parse(request.text(0))?)?;
                Value::texts(records.to_map().into_keys())
            }
            Kind::Create if matches!(class, "secret" | "VM_appliance" | "console") => {
                let given = request.arg(0).to_map();
                let fields = given
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.clone()));
                Value::from(self.store.insert(class, fields)?)
            }
            Kind::Destroy if matches!(class, "secret" | "VM_appliance" | "console") => {
                self.store.remove(class, request.text(0))?;
                Value::void()
            }
            Kind::Create | Kind::Destroy | Kind::Custom => {
                return Err(Self::not_simulated(request));
            }
        };
        Ok(Step::Done(value))
    }

    /// Sets a whole map, or adds to or removes from a map or a set, as the name of the message says.
    pub(super) fn map_message(&mut self, request: &Request, field: &str) -> Result<Step, Failure> {
        let (class, reference) = (request.class.as_str(), request.text(0));
        let old = self.store.get(class, reference, field)?;
        let removes = request.name.starts_with("remove");
        let new = match old {
            _ if request.name.starts_with("set_") => request.arg(1).clone(),
            Value::Set(mut items) => {
                let item = request.arg(1);
                if removes {
                    items.retain(|other| other != item);
                } else if !items.contains(item) {
                    items.push(item.clone());
                }
                Value::Set(items)
            }
            Value::Map(mut map) => {
                let key = match request.arg(1) {
                    Value::Int(number) => number.to_string(),
                    key => key.as_text().to_owned(),
                };
                match map.entry(key) {
                    Entry::Occupied(entry) if removes => {
                        entry.remove();
                    }
                    Entry::Occupied(entry) => {
                        return Err(Failure::new(
                            "MAP_DUPLICATE_KEY",
                            [class, field, reference, entry.key().as_str()],
                        ));
                    }
                    Entry::Vacant(_) if removes => {}
                    Entry::Vacant(entry) => {
                        entry.insert(request.arg(2).clone());
                    }
                }
                Value::Map(map)
            }
            other => other,
        };
        self.store.set(class, reference, field, new)?;
        Ok(Step::Done(Value::void()))
    }

    fn records(&mut self, class: &str, filter: &Filter) -> Result<Value, Failure> {
        if class == "task" {
            self.refresh_tasks();
        }
        let mut records = BTreeMap::new();
        for reference in self.store.all(class) {
            let record = self.store.record(class, &reference)?;
            if filter.matches(&record) {
                records.insert(reference, record);
            }
        }
        Ok(Value::Map(records))
    }

    /// A message of the model that this server has no way to play.
    pub(super) fn not_simulated(request: &Request) -> Failure {
        Failure::new(
            "NOT_IMPLEMENTED",
            [format!("{}.{}", request.class, request.name)],
        )
    }
}
