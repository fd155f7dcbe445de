//! Where jobs run.

use std::env;
use std::fmt;

use crate::error::Error;
use crate::kernel::Kernel;
use crate::pku;

/// The environment variable that says where jobs run: `native`, `qemu`, `qemu-6.1` or `qemu-6.12`.
pub const MACHINE_VARIABLE: &str = "IA2_VM";

/// A machine with protection keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Machine {
    /// This machine.
    Native,
    /// QEMU's emulated CPU under this kernel.
    Qemu(Kernel),
}

impl Machine {
    /// The machine that [`MACHINE_VARIABLE`] names; else this one if it has protection keys; else
    /// QEMU.
    ///
    /// # Errors
    /// The variable has an unknown value, or demands this machine although it has no protection
    /// keys: the demand forbids falling back to the emulator.
    pub fn pick() -> Result<Machine, Error> {
        match env::var_os(MACHINE_VARIABLE) {
            Some(value) => Machine::named(&value.to_string_lossy()),
            None if pku::check().is_ok() => Ok(Machine::Native),
            None => Ok(Machine::Qemu(Kernel::default())),
        }
    }

    /// The machine of this name, one of those listed at [`MACHINE_VARIABLE`].
    fn named(name: &str) -> Result<Machine, Error> {
        match name {
            "native" => pku::check().map(|()| Machine::Native).map_err(Error::NoPku),
            "qemu" => Ok(Machine::Qemu(Kernel::default())),
            _ => Kernel::ALL
                .into_iter()
                .map(Machine::Qemu)
                .find(|machine| machine.to_string() == name)
                .ok_or_else(|| Error::UnknownMachine(name.to_owned())),
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Machine::Native => f.write_str("native"),
            Machine::Qemu(kernel) => write!(f, "qemu-{kernel}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_emulated_machines_say_the_kernel() {
        let named = |name| Machine::named(name).unwrap();
        assert_eq!(named("qemu"), Machine::Qemu(Kernel::V6_1));
        assert_eq!(named("qemu-6.1"), Machine::Qemu(Kernel::V6_1));
        assert_eq!(named("qemu-6.12"), Machine::Qemu(Kernel::V6_12));
    }

    #[test]
    fn unknown_names_are_refused() {
        for name in ["", "kvm", "qemu-5.10", "Native"] {
            let error = Machine::named(name).unwrap_err().to_string();
            assert!(error.contains("IA2_VM"), "{error}");
        }
    }

    #[test]
    fn this_machine_is_demanded_only_where_it_has_pku() {
        assert_eq!(Machine::named("native").is_ok(), pku::check().is_ok());
    }
}
