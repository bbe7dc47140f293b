//! The uids that the table planner gives to the operators of a compiled SQL plan.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;

/// What `COMPILE PLAN` writes, as far as uids need it.
#[derive(Deserialize)]
struct CompiledPlan {
    nodes: Vec<ExecNode>,
}

#[derive(Deserialize)]
struct ExecNode {
    id: u32,
    /// Such as `stream-exec-calc_1`: the name and the version of the node's class.
    #[serde(rename = "type")]
    kind: String,
    /// Options that the plan pins for this node.
    #[serde(default)]
    configuration: Option<HashMap<String, Value>>,
}

/// Why a plan could not be read.
#[derive(Debug, thiserror::Error)]
#[error("not a compiled SQL plan: {0}")]
pub struct PlanError(#[from] serde_json::Error);

/// The option that says what uids look like, and what they look like without it: since 1.16
/// (`ExecNodeContext.generateUid`), and in 1.15.
const FORMAT_OPTION: &str = "table.exec.uid.format";
const FORMATS: &[&str] = &[
    "<id>_<transformation>",
    "<id>_<type>_<version>_<transformation>",
];

/// The transformations of nodes that are not simply named after their node, or that have several.
const TRANSFORMATIONS: &[(&str, &[&str])] = &[
    (
        "interval-join",
        &["filter-left", "filter-right", "pad-left", "pad-right"],
    ),
    ("limit", &["rank"]),
    (
        "lookup-join",
        &[
            "lookup-join-materialize",
            "lookup-join-key-ordered",
            "custom-shuffle",
            "partitioner",
        ],
    ),
    ("match", &["timestamp-inserter"]),
    ("process-table-function", &["process"]),
    ("sort-limit", &["rank"]),
    (
        "table-source-scan",
        &["source", "partitioner", "kafka", "hive"],
    ),
    ("window-table-function", &["window"]),
    (
        "sink",
        &[
            "constraint-validator",
            "partitioner",
            "row-kind-setter",
            "timestamp-inserter",
            "upsert-materialize",
            "watermark-timestamp-assigner",
            // Parts that a connector brings: files and Hive, Kafka.
            "streaming-writer",
            "compact-coordinator",
            "compact-operator",
            "partition-committer",
            "discarding-sink",
            "upsert-kafka",
        ],
    ),
];

/// Calls `each` for every uid that an operator of the plan may have; not every one of them has an
/// operator.
///
/// A plan lists nodes, and not what each becomes, so these are the transformations that the node's
/// type has in Flink 1.15 to 2.3. Parts that other connectors bring are not among them.
///
/// # Errors
/// [`PlanError`] if it is no plan.
pub fn candidates(plan: &[u8], each: &mut dyn FnMut(&str)) -> Result<(), PlanError> {
    let plan: CompiledPlan = serde_json::from_slice(plan)?;
    for node in &plan.nodes {
        let (name, version) = node.kind.rsplit_once('_').unwrap_or((&node.kind, "1"));
        let own = name.strip_prefix("stream-exec-").unwrap_or(name);
        let others = TRANSFORMATIONS.iter().find(|(node, _)| *node == own);
        let others = others.map_or(&[][..], |(_, others)| others);
        let pinned = node
            .configuration
            .as_ref()
            .and_then(|options| options.get(FORMAT_OPTION));
        let formats = match pinned.and_then(Value::as_str) {
            Some(format) => &[format],
            None => FORMATS,
        };
        for format in formats {
            for transformation in std::iter::once(&own).chain(others) {
                each(
                    &format
                        .replace("<id>", &node.id.to_string())
                        .replace("<type>", name)
                        .replace("<version>", version)
                        .replace("<transformation>", transformation),
                );
            }
        }
    }
    Ok(())
}
