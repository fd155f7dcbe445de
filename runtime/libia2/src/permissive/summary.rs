//! The summary at the end: every site, how often, and what to do about it.

use core::ffi::CStr;

use linux_raw_sys::general::{
    __NR_access, __NR_close, __NR_connect, __NR_execve, __NR_ioctl, __NR_newfstatat, __NR_open,
    __NR_openat, __NR_poll, __NR_pread64, __NR_pwrite64, __NR_read, __NR_readv, __NR_recvfrom,
    __NR_sendto, __NR_stat, __NR_write, __NR_writev, O_CLOEXEC, O_CREAT, O_TRUNC, O_WRONLY,
};
use sys::syscall;

use super::State;
use super::log::{Counted, Log, code, who};
use super::site::{Access, Site};
use super::writer::Writer;
use crate::message::{Message, digits};
use crate::owner::{Place, describe_code, named_object_at, place_of};
use crate::symbol::{self, Kind};

/// Names of the calls that are most often given other compartments' memory.
const CALLS: &[(u32, &str)] = &[
    (__NR_read, "read"),
    (__NR_write, "write"),
    (__NR_readv, "readv"),
    (__NR_writev, "writev"),
    (__NR_pread64, "pread"),
    (__NR_pwrite64, "pwrite"),
    (__NR_sendto, "sendto"),
    (__NR_recvfrom, "recvfrom"),
    (__NR_open, "open"),
    (__NR_openat, "openat"),
    (__NR_stat, "stat"),
    (__NR_newfstatat, "fstatat"),
    (__NR_access, "access"),
    (__NR_connect, "connect"),
    (__NR_ioctl, "ioctl"),
    (__NR_poll, "poll"),
    (__NR_execve, "execve"),
];

/// Appends the name of the system call.
pub(super) fn call(message: Message, site: &Site) -> Message {
    match CALLS.iter().find(|call| call.0 == site.number) {
        Some(call) => message.text(call.1).text("(2)"),
        None => message.text("system call ").decimal(site.number.into()),
    }
}

/// What to do about a site.
enum Fix {
    /// Put IA2_SHARED_DATA in front of a variable.
    ShareVariable(&'static [u8]),
    /// Allocate a block with `shared_malloc`.
    ShareBlock,
    /// Do not pass the address of a local variable.
    ShareLocal,
    /// Do not pass the address of a thread-local variable.
    CopyThreadLocal,
    /// Nothing is known but the code.
    MoveFunction,
}

impl Fix {
    fn of(place: &Place) -> Fix {
        match place {
            Place::Variable(_, Some(symbol)) => Fix::ShareVariable(symbol.name),
            Place::Heap(_) => Fix::ShareBlock,
            Place::Stack(_) => Fix::ShareLocal,
            Place::ThreadLocal(..) => Fix::CopyThreadLocal,
            _ => Fix::MoveFunction,
        }
    }

    /// Name in the JSON summary.
    fn name(&self) -> &'static str {
        match self {
            Fix::ShareVariable(_) => "IA2_SHARED_DATA",
            Fix::ShareBlock | Fix::ShareLocal => "shared_malloc",
            Fix::CopyThreadLocal => "copy",
            Fix::MoveFunction => "move_function",
        }
    }

    fn describe(&self, message: Message, owner: u8) -> Message {
        let message = match self {
            Fix::ShareVariable(name) => {
                message.text("put IA2_SHARED_DATA in front of the definition of ").bytes(name)
            }
            Fix::ShareBlock => message.text("allocate the block with shared_malloc"),
            Fix::ShareLocal => message.text(
                "allocate the local variable with shared_malloc, or make it static with \
                 IA2_SHARED_DATA",
            ),
            Fix::CopyThreadLocal => {
                message.text("pass a copy in shared memory: thread-local data is never shared")
            }
            Fix::MoveFunction => {
                return message.text("move the function to compartment ").decimal(owner.into());
            }
        };
        message.text("; or move the function to compartment ").decimal(owner.into())
    }
}

/// Sites that are about the same thing to share.
struct Group<'a> {
    /// The one that was found first.
    first: &'a Site,
    /// How often all of them happened.
    count: u64,
    /// How many they are.
    places: u64,
    reads: bool,
    writes: bool,
}

/// All sites, those about the same thing together.
fn groups(log: &Log) -> impl Iterator<Item = Group<'_>> {
    log.sites().filter_map(move |found| {
        let same = move || log.sites().filter(move |other| other.first == found.first);
        // Only if the first of all was not counted in this process, another one comes first.
        let is_first = match log.counted(found.first) {
            Some(first) => first.number == found.number,
            None => same().next().is_some_and(|other| other.number == found.number),
        };
        if !is_first {
            return None;
        }
        let start = Group { first: found.site, count: 0, places: 0, reads: false, writes: false };
        Some(same().fold(start, |group, Counted { site, count, .. }| Group {
            count: group.count + count,
            places: group.places + 1,
            reads: group.reads || matches!(site.access, Access::Read | Access::CallRead),
            writes: group.writes || matches!(site.access, Access::Write | Access::CallWrite),
            ..group
        }))
    })
}

/// Prints the summary and writes the JSON file, if anything was logged.
pub(super) fn print(state: &State) {
    let log = &state.log;
    let things = groups(log).count() as u64;
    if things == 0 {
        return;
    }
    let violations: u64 = log.sites().map(|found| found.count).sum();
    Message::new("permissive mode: ")
        .decimal(violations + log.dropped())
        .text(if violations == 1 { " violation, " } else { " violations, " })
        .decimal(things)
        .text(if things == 1 { " thing to share" } else { " things to share" })
        .print();
    for (group, number) in groups(log).zip(1..) {
        print_group(&group, number);
    }
    if log.dropped() > 0 {
        Message::new("  and ").decimal(log.dropped()).text(" more at sites not listed").print();
    }
    // SAFETY: null, or a string of the environment that the process was started with.
    if let Some(path) = (!state.json.is_null()).then(|| unsafe { CStr::from_ptr(state.json) }) {
        write_json(state, path);
    }
}

fn print_group(group: &Group<'_>, number: u64) {
    let site = group.first;
    let place = place_of(site.address);
    let message = who(Message::new("  ").decimal(number).text(". "), site);
    let message = match (group.reads, group.writes) {
        (true, true) => message.text(" reads and writes "),
        (true, false) => message.text(" reads "),
        (false, true) => message.text(" writes "),
        (false, false) => message.text(" uses "),
    };
    let message = if site.address == 0 {
        message.text("memory of another compartment")
    } else {
        let message = super::log::place(message, site);
        message.text(" (compartment ").decimal(site.owner.into()).text(")")
    };
    let message = message.text(", ").decimal(group.count);
    message.text(if group.count == 1 { " time" } else { " times" }).print();
    let message = code(Message::new("       in "), site);
    let message = if site.access.is_call() { call(message.text(" by "), site) } else { message };
    match group.places {
        1 => message.print(),
        places => message.text(", and at ").decimal(places - 1).text(" more places").print(),
    }
    if site.caller != 0 {
        describe_code(Message::new("       handed over by "), site.caller).print();
    }
    Fix::of(&place).describe(Message::new("       fix: "), site.owner).print();
}

/// Writes the summary as JSON. A process whose id is not in the name would overwrite its parent's
/// file, so `%p` in it stands for the process id.
fn write_json(state: &State, path: &CStr) {
    let mut name = [0u8; 4096];
    let mut length = 0;
    let mut add = |bytes: &[u8]| {
        for &byte in bytes {
            // One byte stays zero.
            if length < name.len() - 1 {
                name[length] = byte;
                length += 1;
            }
        }
    };
    let mut rest = path.to_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        match rest.strip_prefix(b"%p") {
            Some(behind) => {
                digits(syscall::getpid() as u64, 10, &mut add);
                rest = behind;
            }
            None => {
                add(&[byte]);
                rest = behind;
            }
        }
    }
    let flags = (O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC) as usize;
    let arguments = [name.as_ptr() as usize, flags, 0o666, 0, 0, 0];
    // SAFETY: the kernel reads the name.
    match unsafe { syscall::syscall(__NR_open, arguments) } {
        Ok(file) => {
            json(state, &mut Writer::new(file as i32));
            // SAFETY: the file was opened above.
            let _ = unsafe { syscall::syscall(__NR_close, [file, 0, 0, 0, 0, 0]) };
        }
        Err(errno) => Message::warning("cannot write ")
            .bytes(path.to_bytes())
            .text(" (IA2_PERMISSIVE_JSON): ")
            .errno(errno)
            .print(),
    }
}

/// One line per site, so that the file can be read with line tools as well.
fn json(state: &State, out: &mut Writer) {
    out.text("{").name("version", true).text("1");
    out.name("pid", false).decimal(syscall::getpid() as u64);
    out.name("not_listed", false).decimal(state.log.dropped());
    out.name("violations", false).text("[");
    for (Counted { site, count, .. }, index) in state.log.sites().zip(0..) {
        out.text(if index == 0 { "\n" } else { ",\n" });
        json_site(site, count, out);
    }
    out.text("\n]}\n").flush();
}

fn json_site(site: &Site, count: u64, out: &mut Writer) {
    let place = place_of(site.address);
    out.text("{").name("compartment", true).decimal(site.compartment.into());
    if let Some(object) = named_object_at(site.instruction) {
        let relative = site.instruction - object.base;
        out.name("object", false).string(object.display_name());
        out.name("instruction", false).decimal(relative as u64);
        if let Some(symbol) = symbol::find(object, relative, Kind::Function) {
            out.name("function", false).string(symbol.name);
        }
    }
    out.name("access", false).string(site.access.verb().as_bytes());
    if site.access.is_call() {
        out.name("system_call", false).decimal(site.number.into());
    }
    out.name("owner", false).decimal(site.owner.into());
    out.name("address", false).decimal(site.address as u64);
    let (kind, named) = match &place {
        Place::Variable(object, symbol) => ("variable", Some((object, symbol))),
        Place::ThreadLocal(object, symbol) => ("thread_local", Some((object, symbol))),
        Place::Stack(_) => ("stack", None),
        Place::Heap(_) => ("heap", None),
        Place::Control(_) => ("control_page", None),
        Place::Unknown => ("unknown", None),
    };
    out.name("kind", false).string(kind.as_bytes());
    if let Some((object, symbol)) = named {
        out.name("defined_in", false).string(object.display_name());
        if let Some(symbol) = symbol {
            out.name("variable", false).string(symbol.name);
            out.name("offset", false).decimal(symbol.offset as u64);
        }
    }
    for (name, address) in [("caller", site.caller), ("local_of", site.local_of)] {
        let Some(object) = named_object_at(address) else { continue };
        if let Some(symbol) = symbol::find(object, address - object.base, Kind::Function) {
            out.name(name, false).string(symbol.name);
        }
    }
    out.name("count", false).decimal(count);
    out.name("fix", false).string(Fix::of(&place).name().as_bytes()).text("}");
}
