use crate::reader::to_u64;

/// How a sink's committer wrote what is still to be committed. Flink changed it twice; each release
/// reads its own form and those before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CommittablesForm {
    /// One list, as Flink 1.12 to 1.14 write it.
    List,
    /// By checkpoint and subtask, as Flink 1.15 to 1.18 do.
    ByCheckpoint,
    /// The same with other figures, as Flink 1.19 and later do.
    Counted,
    /// Compressed: not looked into.
    Compressed,
}

/// Bytes of an element that tell its form: its length, the version of the collector, the length of
/// what follows, a mark, and the version of the parts.
pub const COMMITTABLES_HEAD: u64 = 20;

/// The form of an element of the committer's state; `None` where it is none of Flink's own.
///
/// `head` is the start of the element (`CommittableCollectorSerializer`).
pub fn committables_form(head: &[u8]) -> Option<CommittablesForm> {
    const MARK: u32 = 0xB91F_252C;
    let number = |at: usize| {
        let bytes = head.get(at..)?.first_chunk::<4>()?;
        Some(u32::from_be_bytes(*bytes))
    };
    if to_u64(head.len()) < COMMITTABLES_HEAD || number(12)? != MARK {
        return None;
    }
    match (number(4)?, number(16)?) {
        (1, _) => Some(CommittablesForm::List),
        (2, 0) => Some(CommittablesForm::ByCheckpoint),
        (2, 1) => Some(CommittablesForm::Counted),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(version: u32, parts: u32) -> Vec<u8> {
        let numbers = [40, version, 32, 0xB91F_252C, parts];
        numbers
            .iter()
            .flat_map(|number: &u32| number.to_be_bytes())
            .collect()
    }

    #[test]
    fn the_start_of_an_element_tells_its_form() {
        for (version, parts, form) in [
            (1, 1, Some(CommittablesForm::List)),
            (2, 0, Some(CommittablesForm::ByCheckpoint)),
            (2, 1, Some(CommittablesForm::Counted)),
            (2, 2, None),
            (3, 0, None),
        ] {
            assert_eq!(committables_form(&element(version, parts)), form);
        }
        let other = element(2, 0).split_off(1);
        assert_eq!(committables_form(&other), None);
        assert_eq!(committables_form(&[0; 20]), None);
    }
}
