use serde::Serialize;

/// Where a uid is known from, the most trusted first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UidSource {
    /// The file itself, version 5 and later.
    Metadata,
    /// A list of uids.
    Uids,
    /// A constant of a job's jar.
    Jar,
    /// A compiled SQL plan.
    Plan,
}

impl UidSource {
    /// `metadata`, `uids`, `jar` or `plan`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Metadata => "metadata",
            Self::Uids => "uids",
            Self::Jar => "jar",
            Self::Plan => "plan",
        }
    }

    /// What tables say about a uid that is not from the file itself.
    pub fn remark(self) -> Option<&'static str> {
        match self {
            Self::Metadata => None,
            Self::Uids => Some("from uids"),
            Self::Jar => Some("from jar"),
            Self::Plan => Some("from plan"),
        }
    }
}
