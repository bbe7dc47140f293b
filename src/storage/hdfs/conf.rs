//! The cluster's configuration files, `core-site.xml` and `hdfs-site.xml`.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use roxmltree::{Document, Error, ParsingOptions};

use crate::parse::Limits;

use crate::storage::Settings;

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
            match std::fs::read_to_string(&path) {
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
        // An entry is an element for itself, one for each of name, value, description and the like,
        // their texts, and blanks between them.
        let nodes = u32::try_from(limit.saturating_mul(16)).unwrap_or(u32::MAX);
        let options = ParsingOptions {
            allow_dtd: false,
            nodes_limit: nodes,
            ..ParsingOptions::default()
        };
        let document =
            Document::parse_with_options(text, options).map_err(|error| match error {
                Error::DtdDetected => {
                    "it has a DOCTYPE, whose entities are not read: write their values out"
                        .to_owned()
                }
                Error::NodesLimitReached => format!("it has more than {limit} entries"),
                error => error.to_string(),
            })?;
        let properties = document
            .root_element()
            .descendants()
            .filter(|node| node.has_tag_name("property"));
        for property in properties {
            let text = |tag| {
                let node = property.children().find(|node| node.has_tag_name(tag))?;
                Some(node.text().unwrap_or_default().trim().to_owned())
            };
            if let (Some(name), Some(value)) = (text("name"), text("value")) {
                self.entries.insert(name, value);
            }
        }
        Ok(())
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
            (&deep, "it has more than 10000 entries"),
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
             <property><name>b</name></property></configuration>",
        )
        .unwrap();
        assert_eq!(conf.get("fs.defaultFS"), Some("hdfs://prod"));
        assert_eq!(conf.get("a"), Some(""));
        assert_eq!(conf.get("b"), None);
    }
}
