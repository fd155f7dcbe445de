//! The first root file system of the emulated machine: the guest agent and kernel modules. It is the
//! same for every boot; the files of jobs follow over the serial port.

use super::cpio::{Archive, Kind};

/// The guest agent, a static program.
const AGENT: &[u8] = include_bytes!(env!("VM_GUEST"));

/// The name of the serial port the agent looks for.
pub(super) const PORT: &str = vm_shared::message::PORT_NAME;

/// Builds it, given the modules in the order of loading.
pub(super) fn build<'a>(modules: impl Iterator<Item = (&'a str, &'a Vec<u8>)>) -> Vec<u8> {
    let mut archive = Archive::default();
    for directory in ["dev", "modules"] {
        archive.add(directory, Kind::Directory);
    }
    // Standard input and output of process 1.
    archive.add("dev/console", Kind::Device(5, 1));
    archive.add("init", Kind::Program(AGENT));
    for (name, contents) in modules {
        archive.add(&format!("modules/{name}"), Kind::File(contents));
    }
    archive.finish()
}
