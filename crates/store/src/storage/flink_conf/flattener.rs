use std::collections::BTreeMap;

use saphyr_parser::{Event, ScalarStyle};

use crate::storage::Secret;
use statescope_format::Limits;

/// Turns YAML events into entries with full names. Values keep the characters of the file: what
/// looks like a number may be a key.
pub(super) struct Flattener {
    pub(super) limits: Limits,
    /// Values so far, also those under a name that was there before.
    pub(super) entered: usize,
    pub(super) entries: BTreeMap<String, Secret>,
    pub(super) open: Vec<Open>,
}

/// A mapping or sequence that has begun and not ended.
pub(super) enum Open {
    /// With the key that waits for its value.
    Mapping(Option<String>),
    /// With the values so far.
    Sequence(Vec<String>),
}

impl Flattener {
    pub(super) fn take(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::MappingStart(..) => return self.begin(Open::Mapping(None)),
            Event::SequenceStart(..) => return self.begin(Open::Sequence(Vec::new())),
            Event::MappingEnd => {
                self.open.pop();
                self.value_ended();
            }
            Event::SequenceEnd => {
                if let Some(Open::Sequence(values)) = self.open.pop() {
                    self.enter(values.join(";"))?;
                }
                self.value_ended();
            }
            Event::Alias(_) => self.scalar(String::new())?,
            Event::Scalar(text, style, ..) => {
                let is_null = style == ScalarStyle::Plain && matches!(&*text, "~" | "null");
                let text = if is_null { "" } else { &*text };
                self.scalar(text.to_owned())?;
            }
            _ => {}
        }
        Ok(())
    }

    fn begin(&mut self, open: Open) -> Result<(), String> {
        let limit = self.limits.conf_nesting;
        if self.open.len() >= limit {
            return Err(format!("nested more than {limit} deep"));
        }
        self.open.push(open);
        Ok(())
    }

    fn scalar(&mut self, text: String) -> Result<(), String> {
        match self.open.last_mut() {
            Some(Open::Mapping(key @ None)) => *key = Some(text),
            Some(Open::Mapping(Some(_))) => {
                self.enter(text)?;
                self.value_ended();
            }
            Some(Open::Sequence(values)) => values.push(text),
            None => {}
        }
        Ok(())
    }

    /// Records a value under the keys that are open.
    fn enter(&mut self, value: String) -> Result<(), String> {
        self.entered += 1;
        if self.entered > self.limits.conf_entries {
            return Err(format!("more than {} entries", self.limits.conf_entries));
        }
        let mut name = String::new();
        for open in &self.open {
            if let Open::Mapping(Some(key)) = open {
                if !name.is_empty() {
                    name.push('.');
                }
                name.push_str(key);
                if name.len() > self.limits.conf_name_bytes {
                    let limit = self.limits.conf_name_bytes;
                    return Err(format!("a name of more than {limit} bytes"));
                }
            }
        }
        if !value.is_empty() {
            self.entries.insert(name, Secret::new(value));
        }
        Ok(())
    }

    fn value_ended(&mut self) {
        if let Some(Open::Mapping(key)) = self.open.last_mut() {
            *key = None;
        }
    }
}
