//! Which trees are not files on a disk, and when a directory has changed.

use std::path::Path;
use std::time::{Duration, SystemTime};

use statescope_format::location::FileIdentity;

/// When a directory, or a file, was last changed, by the clock of this machine's file system. As long
/// as it is the same, nothing was added to the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    identity: FileIdentity,
    changed: (i64, i64),
}

impl Stamp {
    /// Which file or directory it was taken of.
    pub fn identity(&self) -> FileIdentity {
        self.identity
    }
}

/// A change may get the time of one that was seen before, as clocks of file systems are coarse.
const COARSE: Duration = Duration::from_secs(1);

/// Whether a path is in a file system of the kernel, such as `/proc`: it has no end, and no snapshots.
#[cfg(target_os = "linux")]
pub(in crate::storage) fn is_kernels(path: &Path) -> bool {
    are_kernels(rustix::fs::statfs(path).ok())
}

/// The same of an open file, which is regular by its name, and whose size means nothing.
#[cfg(target_os = "linux")]
pub(in crate::storage) fn is_kernels_file(file: &std::fs::File) -> bool {
    are_kernels(rustix::fs::fstatfs(file).ok())
}

#[cfg(target_os = "linux")]
fn are_kernels(found: Option<rustix::fs::StatFs>) -> bool {
    // From linux/magic.h: proc, sysfs, debugfs, tracefs, securityfs, cgroup, cgroup2, devpts, bpf,
    // mqueue, configfs, efivarfs, selinuxfs, pstore, binfmt_misc, nsfs.
    const KERNELS: [u64; 16] = [
        0x9fa0,
        0x6265_6572,
        0x6462_6720,
        0x7472_6163,
        0x7363_6673,
        0x0027_e0eb,
        0x6367_7270,
        0x1cd1,
        0xcafe_4a11,
        0x1980_0202,
        0x6265_6570,
        0xde5e_81e4,
        0xf97c_ff8c,
        0x6165_676c,
        0x4249_4e4d,
        0x6e73_6673,
    ];
    found.is_some_and(|found| KERNELS.contains(&kind(&found)))
}

#[cfg(not(target_os = "linux"))]
pub(in crate::storage) fn is_kernels(_: &Path) -> bool {
    false
}

#[cfg(not(target_os = "linux"))]
pub(in crate::storage) fn is_kernels_file(_: &std::fs::File) -> bool {
    false
}

/// The stamp of a file or directory, where the file system is known to keep it and any later change
/// will get another one.
#[cfg(target_os = "linux")]
pub(in crate::storage) fn stamp(path: &Path) -> Option<Stamp> {
    use std::os::unix::fs::MetadataExt;

    // From linux/magic.h: ext, xfs, btrfs, tmpfs, overlayfs, zfs, f2fs. Network file systems and those
    // in user space may show old times, or none that change.
    const LOCAL: [u64; 7] = [
        0xef53,
        0x5846_5342,
        0x9123_683e,
        0x0102_1994,
        0x794c_7630,
        0x2fc1_2fc1,
        0xf2f5_2010,
    ];
    let found = std::fs::metadata(path).ok()?;
    let changed = (found.ctime(), found.ctime_nsec());
    let since = Duration::new(
        u64::try_from(changed.0).ok()?,
        u32::try_from(changed.1).ok()?,
    );
    let age = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .ok()?
        .checked_sub(since)?;
    if age < COARSE || !rustix::fs::statfs(path).is_ok_and(|found| LOCAL.contains(&kind(&found))) {
        return None;
    }
    Some(Stamp {
        identity: FileIdentity {
            device: found.dev(),
            inode: found.ino(),
        },
        changed,
    })
}

#[cfg(not(target_os = "linux"))]
pub(in crate::storage) fn stamp(_: &Path) -> Option<Stamp> {
    let _ = COARSE;
    None
}

#[cfg(target_os = "linux")]
fn kind(found: &rustix::fs::StatFs) -> u64 {
    // As wide as the machine's words, and sign-extended on some.
    #[allow(clippy::cast_sign_loss, reason = "only these bits are compared")]
    let kind = found.f_type as u64;
    kind & 0xffff_ffff
}
