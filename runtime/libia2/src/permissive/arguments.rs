//! What system calls do with the memory their arguments point to.

use linux_raw_sys::general::{
    __NR_getcwd, __NR_getdents64, __NR_getrandom, __NR_pread64, __NR_preadv, __NR_preadv2,
    __NR_pwrite64, __NR_pwritev, __NR_pwritev2, __NR_read, __NR_readlink, __NR_readv,
    __NR_recvfrom, __NR_recvmsg, __NR_sendmsg, __NR_sendto, __NR_write, __NR_writev, iovec,
};
use pkru::Pkey;

use super::site::Access;
use crate::memory;
use crate::owner::key_of;

/// Where a call's buffer is described.
#[derive(Clone, Copy)]
enum Buffer {
    /// Address and length are these arguments.
    Plain(usize, usize),
    /// Address and number of `struct iovec` are these arguments.
    Vector(usize, usize),
    /// This argument is the address of a `struct msghdr`.
    Message(usize),
}

/// Calls that transfer bytes: they do not fail if only a part of the buffer cannot be used, but
/// transfer less, so foreign memory must be found before the call.
const TRANSFERS: &[(u32, Buffer, Access)] = &[
    (__NR_read, Buffer::Plain(1, 2), Access::CallWrite),
    (__NR_pread64, Buffer::Plain(1, 2), Access::CallWrite),
    (__NR_recvfrom, Buffer::Plain(1, 2), Access::CallWrite),
    (__NR_getdents64, Buffer::Plain(1, 2), Access::CallWrite),
    (__NR_readlink, Buffer::Plain(1, 2), Access::CallWrite),
    (__NR_getrandom, Buffer::Plain(0, 1), Access::CallWrite),
    (__NR_getcwd, Buffer::Plain(0, 1), Access::CallWrite),
    (__NR_write, Buffer::Plain(1, 2), Access::CallRead),
    (__NR_pwrite64, Buffer::Plain(1, 2), Access::CallRead),
    (__NR_sendto, Buffer::Plain(1, 2), Access::CallRead),
    (__NR_readv, Buffer::Vector(1, 2), Access::CallWrite),
    (__NR_preadv, Buffer::Vector(1, 2), Access::CallWrite),
    (__NR_preadv2, Buffer::Vector(1, 2), Access::CallWrite),
    (__NR_recvmsg, Buffer::Message(1), Access::CallWrite),
    (__NR_writev, Buffer::Vector(1, 2), Access::CallRead),
    (__NR_pwritev, Buffer::Vector(1, 2), Access::CallRead),
    (__NR_pwritev2, Buffer::Vector(1, 2), Access::CallRead),
    (__NR_sendmsg, Buffer::Message(1), Access::CallRead),
];

/// Most parts of a buffer that are looked at (IOV_MAX).
const MOST_PARTS: usize = 1024;
/// Offset of `msg_iov` and `msg_iovlen` in `struct msghdr` (socket(7) on x86-64).
const MSG_IOV: usize = 16;
const MSG_IOVLEN: usize = 24;

/// Memory of another compartment.
pub(super) struct Foreign {
    pub(super) address: usize,
    pub(super) owner: Pkey,
}

/// What of `[address, address + length)` belongs to a compartment other than `running` and 0: looked
/// for at both ends, and at every page between if there are few.
fn foreign_part(running: Pkey, address: usize, length: usize) -> Option<Foreign> {
    const MOST_PAGES: usize = 64;
    let last = address.checked_add(length.checked_sub(1)?)?;
    let next_page = (address | (layout::PAGE_SIZE - 1)) + 1;
    let pages = (next_page..last).step_by(layout::PAGE_SIZE).take(MOST_PAGES);
    core::iter::once(address)
        .chain(pages)
        .chain(core::iter::once(last))
        .find_map(|address| foreign(running, address))
}

/// The owner of the address, if that is neither `running` nor 0.
pub(super) fn foreign(running: Pkey, address: usize) -> Option<Foreign> {
    let owner = key_of(address).filter(|&key| key != running && !key.is_untrusted())?;
    Some(Foreign { address, owner })
}

/// The part of a transfer's buffer that belongs to somebody else, and what happens to it.
pub(super) fn foreign_buffer(
    running: Pkey,
    number: u32,
    arguments: &[usize; 6],
) -> Option<(Foreign, Access)> {
    let &(_, buffer, access) = TRANSFERS.iter().find(|transfer| transfer.0 == number)?;
    let (vector, parts) = match buffer {
        Buffer::Plain(address, length) => {
            let part = foreign_part(running, arguments[address], arguments[length])?;
            return Some((part, access));
        }
        Buffer::Vector(address, parts) => (arguments[address], arguments[parts]),
        Buffer::Message(header) => {
            let word = |offset| memory::word(arguments[header] + offset);
            (word(MSG_IOV)?, word(MSG_IOVLEN)?)
        }
    };
    (0..parts.min(MOST_PARTS)).find_map(|part| {
        let start = vector + part * size_of::<iovec>();
        let (address, length) = (memory::word(start)?, memory::word(start + 8)?);
        Some((foreign_part(running, address, length)?, access))
    })
}

/// What a call that has failed with EFAULT was probably to do with the memory.
pub(super) fn access_of(number: u32) -> Access {
    let known = TRANSFERS.iter().find(|transfer| transfer.0 == number);
    known.map_or(Access::Call, |transfer| transfer.2)
}
