//! The cluster's configuration files, `core-site.xml` and `hdfs-site.xml`.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::storage::xml::push_text;
use crate::storage::{Settings, regular};
use statescope_format::Limits;

/// Entries of Hadoop's configuration, by name.
#[derive(Clone, Debug, Default)]
pub(super) struct HadoopConf {
    entries: BTreeMap<String, String>,
}

/// Where the configuration files are.
fn directory(settings: &Settings) -> Option<PathBuf> {
    let variable = |name| settings.variable(name).map(PathBuf::from);
    settings
        .option(&["hadoop_conf_dir"])
        .map(PathBuf::from)
        .or_else(|| variable("HADOOP_CONF_DIR"))
        .or_else(|| Some(variable("HADOOP_HOME")?.join("etc/hadoop")))
}

impl HadoopConf {
    /// What the configuration files say, and above them the options.
    pub(super) fn of_settings(settings: &Settings) -> Result<Self, String> {
        let mut conf = match directory(settings) {
            Some(directory) => Self::load(&directory)?,
            None => Self::default(),
        };
        for (name, value) in &settings.options {
            if name.contains('.') && !name.starts_with("kerberos.") {
                conf.set(name, value.reveal());
            }
        }
        Ok(conf)
    }

    /// Reads both files of a directory, where they are there.
    pub(super) fn load(directory: &Path) -> Result<Self, String> {
        let mut conf = Self::default();
        let mut found = false;
        for name in ["core-site.xml", "hdfs-site.xml"] {
            let path = directory.join(name);
            match regular::read_text(&path, Limits::default().conf_bytes) {
                Ok(text) => {
                    found = true;
                    conf.add(&text)
                        .map_err(|error| format!("{}: {error}", path.display()))?;
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(format!("{}: {error}", path.display())),
            }
        }
        match found {
            true => Ok(conf),
            false => Err(format!(
                "{}: there is neither core-site.xml nor hdfs-site.xml",
                directory.display()
            )),
        }
    }

    /// Entities are not read: a few of them expand to terabytes.
    fn add(&mut self, text: &str) -> Result<(), String> {
        let limit = Limits::default().conf_entries;
        let mut reader = Reader::from_str(text);
        let mut open = Open::default();
        let mut entries = 0;
        loop {
            let event = reader.read_event();
            let event =
                event.map_err(|error| format!("{error}, at byte {}", reader.error_position()))?;
            match &event {
                Event::DocType(_) => {
                    return Err("it has a DOCTYPE, whose entities are not read: \
                                write their values out"
                        .to_owned());
                }
                Event::Start(tag) => open.begin(tag.local_name().as_ref()),
                Event::Empty(tag) => {
                    open.begin(tag.local_name().as_ref());
                    open.end();
                }
                Event::End(_) => {
                    if let Some((name, value)) = open.end() {
                        self.entries.insert(name, value);
                        entries += 1;
                    }
                }
                Event::Eof if open.is_closed() => return Ok(()),
                Event::Eof => return Err("it ends before its last element does".to_owned()),
                event => open.text(event),
            }
            if entries > limit {
                return Err(format!("it has more than {limit} entries"));
            }
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.entries.get(name).map(String::as_str)
    }

    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.entries.insert(name.to_owned(), value.to_owned());
    }

    pub(super) fn set_default(&mut self, name: &str, value: &str) {
        self.entries
            .entry(name.to_owned())
            .or_insert_with(|| value.to_owned());
    }

    pub(super) fn into_entries(self) -> BTreeMap<String, String> {
        self.entries
    }

    /// Whether that is the name of a group of NameNodes and not of a host.
    pub(super) fn is_nameservice(&self, name: &str) -> bool {
        self.get(&format!("dfs.ha.namenodes.{name}")).is_some()
    }
}

/// Where a reader is in a file.
#[derive(Default)]
struct Open {
    /// Elements that have begun and not ended.
    depth: usize,
    /// The property that it is in, and how deep that is.
    property: Option<(usize, Property)>,
    /// True once there was an element.
    began: bool,
}

#[derive(Default)]
struct Property {
    name: Option<String>,
    value: Option<String>,
    /// Where text goes.
    part: Option<Part>,
}

#[derive(Clone, Copy)]
enum Part {
    Name,
    Value,
}

impl Property {
    fn text_of(&mut self, part: Part) -> &mut Option<String> {
        match part {
            Part::Name => &mut self.name,
            Part::Value => &mut self.value,
        }
    }
}

impl Open {
    fn begin(&mut self, element: &[u8]) {
        self.depth += 1;
        self.began = true;
        match (&mut self.property, element) {
            (None, b"property") => self.property = Some((self.depth, Property::default())),
            (Some((depth, property)), b"name" | b"value") if self.depth == *depth + 1 => {
                let part = match element {
                    b"name" => Part::Name,
                    _ => Part::Value,
                };
                // The first of each counts.
                let text = property.text_of(part);
                let is_first = text.is_none();
                text.get_or_insert_default();
                property.part = is_first.then_some(part);
            }
            _ => {}
        }
    }

    /// An entry, where a property ends that is one.
    fn end(&mut self) -> Option<(String, String)> {
        self.depth = self.depth.saturating_sub(1);
        let (depth, property) = self.property.as_mut()?;
        property.part = None;
        if self.depth >= *depth {
            return None;
        }
        let (_, property) = self.property.take()?;
        let trimmed = |text: String| text.trim().to_owned();
        Some((trimmed(property.name?), trimmed(property.value?)))
    }

    fn text(&mut self, event: &Event<'_>) {
        if let Some((_, property)) = &mut self.property
            && let Some(part) = property.part
            && let Some(text) = property.text_of(part)
        {
            push_text(event, text);
        }
    }

    fn is_closed(&self) -> bool {
        self.began && self.depth == 0
    }
}

#[cfg(test)]
impl HadoopConf {
    pub(super) fn of(entries: &[(&str, &str)]) -> Self {
        let mut conf = Self::default();
        for (name, value) in entries {
            conf.set(name, value);
        }
        conf
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_and_endless_files_are_refused() {
        let bomb = format!(
            "<!DOCTYPE l [<!ENTITY a \"{}\">]><configuration><property><name>x</name><value>{}\
             </value></property></configuration>",
            "a".repeat(200_000),
            "&a;".repeat(50_000)
        );
        let entry = "<property><name>a</name><value>b</value></property>";
        let many = format!("<configuration>{}</configuration>", entry.repeat(50_000));
        let attributes: String = (0..100_000).map(|n| format!(" a{n}=\"\"")).collect();
        let wide = format!("<configuration{attributes}/>");
        let deep = "<a>".repeat(1_000_000);
        for (hostile, problem) in [
            (&bomb, "it has a DOCTYPE"),
            (&many, "it has more than 10000 entries"),
            (&deep, "it ends before its last element does"),
            (&"&a;".repeat(1_000_000), "it ends before"),
            (&"<property><name>".repeat(200_000), "it ends before"),
            (&wide, ""),
        ] {
            let read = HadoopConf::default().add(hostile);
            let said = read.err().unwrap_or_default();
            assert!(said.starts_with(problem), "{said}");
        }
    }

    #[test]
    fn properties_are_read() {
        let mut conf = HadoopConf::default();
        conf.add(
            "<?xml version=\"1.0\"?><?xml-stylesheet href=\"x\"?>\n<!-- c --><configuration>\n\
             <property><name> fs.defaultFS </name><value>hdfs://prod</value></property>\
             <property><name>a</name><value/><final>true</final></property>\
             <property><name>b</name></property>\
             <property><value>1 &lt; &#50;<![CDATA[ & 3]]></value><name>d</name></property>\
             </configuration>",
        )
        .unwrap();
        assert_eq!(conf.get("d"), Some("1 < 2 & 3"));
        assert_eq!(conf.get("fs.defaultFS"), Some("hdfs://prod"));
        assert_eq!(conf.get("a"), Some(""));
        assert_eq!(conf.get("b"), None);
    }
}
