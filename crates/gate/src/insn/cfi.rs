//! Call-frame information: how debuggers find the caller of a gate.

use std::fmt;

use super::Gpr;

/// Call-frame information (DWARF 5, section 6.4.2).
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs, reason = "each name is the assembler directive")]
pub enum Cfi {
    Startproc,
    Endproc,
    DefCfa(Gpr, i32),
    DefCfaRegister(Gpr),
    AdjustCfaOffset(i32),
    Offset(Gpr, i32),
    Restore(Gpr),
    RememberState,
    RestoreState,
    /// The canonical frame address is what stands at `offset(%rsp)`, plus 16: there the gate keeps
    /// the caller's frame pointer while it is on the target's stack.
    CfaThroughLink(i32),
}

impl fmt::Display for Cfi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cfi::Startproc => f.write_str(".cfi_startproc"),
            Cfi::Endproc => f.write_str(".cfi_endproc"),
            Cfi::DefCfa(r, offset) => write!(f, ".cfi_def_cfa {r}, {offset}"),
            Cfi::DefCfaRegister(r) => write!(f, ".cfi_def_cfa_register {r}"),
            Cfi::AdjustCfaOffset(n) => write!(f, ".cfi_adjust_cfa_offset {n}"),
            Cfi::Offset(r, offset) => write!(f, ".cfi_offset {r}, {offset}"),
            Cfi::Restore(r) => write!(f, ".cfi_restore {r}"),
            Cfi::RememberState => f.write_str(".cfi_remember_state"),
            Cfi::RestoreState => f.write_str(".cfi_restore_state"),
            Cfi::CfaThroughLink(offset) => {
                // DW_CFA_def_cfa_expression: DW_OP_breg7 offset, DW_OP_deref, DW_OP_plus_uconst 16.
                let offset = sleb128(*offset);
                let length = offset.len() + 4;
                write!(f, ".cfi_escape 0x0f,{length},0x77")?;
                for byte in offset {
                    write!(f, ",{byte:#x}")?;
                }
                f.write_str(",0x06,0x23,0x10")
            }
        }
    }
}

/// Signed LEB128 (DWARF 5, section 7.6).
fn sleb128(mut value: i32) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        let done = (value == 0 && byte & 0x40 == 0) || (value == -1 && byte & 0x40 != 0);
        if done {
            bytes.push(byte);
            return bytes;
        }
        bytes.push(byte | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleb128_encodes_as_the_standard_says() {
        // The examples of DWARF 5, table 7.8.
        let cases: [(i32, &[u8]); 6] = [
            (2, &[2]),
            (-2, &[0x7e]),
            (127, &[0xff, 0]),
            (-127, &[0x81, 0x7f]),
            (128, &[0x80, 1]),
            (-129, &[0xff, 0x7e]),
        ];
        for (value, bytes) in cases {
            assert_eq!(sleb128(value), bytes, "{value}");
        }
    }
}
