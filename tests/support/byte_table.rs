//! Bytes written down so that people can check them.
#![allow(unreachable_pub, reason = "each test file includes this")]

/// The bytes of a table. A line holds bytes in hex and texts in quotes, and behind `#` what they
/// are: `00 02 "bs"   # name = "bs"`.
pub fn bytes(table: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for line in table.lines() {
        let mut fields = line.split('#').next().unwrap_or_default().trim();
        while !fields.is_empty() {
            let behind = if let Some(text) = fields.strip_prefix('"') {
                let (text, behind) = text.split_once('"').expect("the end of a text");
                bytes.extend(text.as_bytes());
                behind
            } else {
                let (digits, behind) = fields.split_once(' ').unwrap_or((fields, ""));
                assert_eq!(digits.len(), 2, "{line}");
                bytes.push(u8::from_str_radix(digits, 16).expect("a byte in hex"));
                behind
            };
            fields = behind.trim_start();
        }
    }
    bytes
}
