//! Why a gate stopped: the byte it leaves for the report.
//!
//! A failed check executes `ud1 code(%eax), %eax` (67 0f b9 40 code), an instruction that raises
//! SIGILL on every CPU (SDM volume 2, UD) and whose displacement says which check it was.

/// First bytes of the instruction; the code follows.
pub const PREFIX: [u8; 4] = [0x67, 0x0f, 0xb9, 0x40];

/// What a check found wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Trap {
    /// PKRU is not what the gate wrote: something jumped onto its WRPKRU.
    Pkru = 1,
    /// The pair secret is wrong: something jumped into a gate that is not its own.
    Secret = 2,
    /// The frame on the caller's stack is not of this gate: a return without its call.
    Frame = 3,
    /// The running compartment has no gate to this function.
    NoGate = 4,
    /// No memory for a compartment's stack in this thread.
    Stack = 5,
    /// A function pointer that is no entry stub, or one of another type.
    Pointer = 6,
    /// Something that may happen only once happened again.
    Once = 7,
    /// A stack without a pending call was returned to.
    IdleReturn = 8,
    /// A gate leads to a function that no loaded object has registered.
    Unregistered = 9,
    /// No failure: permissive mode is done with an instruction or a system call.
    PermissiveDone = 10,
    /// No failure in itself: a system call came back with `EFAULT` in permissive mode.
    PermissiveFault = 11,
    /// No failure: another function of a compartment was called in permissive mode.
    PermissiveEntered = 13,
    /// What stands for a signal handler was called without the runtime.
    Handler = 12,
    /// A compartment was entered that already runs in this thread.
    Busy = 16,
    /// The program's own `ASSERT_PKRU` does not hold.
    Assert = 32,
}

impl Trap {
    /// Bytes of the instruction.
    pub const LENGTH: usize = PREFIX.len() + 1;

    /// All of them.
    pub const ALL: [Trap; 15] = [
        Trap::Pkru,
        Trap::Secret,
        Trap::Frame,
        Trap::NoGate,
        Trap::Stack,
        Trap::Pointer,
        Trap::Once,
        Trap::IdleReturn,
        Trap::Unregistered,
        Trap::PermissiveDone,
        Trap::PermissiveFault,
        Trap::PermissiveEntered,
        Trap::Handler,
        Trap::Busy,
        Trap::Assert,
    ];

    /// The check with this code.
    pub fn from_code(code: u8) -> Option<Trap> {
        Trap::ALL.into_iter().find(|&trap| trap as u8 == code)
    }

    /// What happened, as the end of a sentence.
    pub fn message(self) -> &'static str {
        match self {
            Trap::Pkru => "code jumped into the middle of a call gate (PKRU is not the gate's)",
            Trap::Secret => "a compartment used a call gate that was not made for it",
            Trap::Frame => "a call gate was returned through without the call that entered it",
            Trap::NoGate => "this compartment has no gate to that function",
            Trap::Stack => "no memory for a compartment's stack in this thread",
            Trap::Pointer => "a function pointer is not one of ours, or not of the called type",
            Trap::Once => "an entry that may be used only once was used again",
            Trap::IdleReturn => "a compartment without a pending call was returned into",
            Trap::Assert => "ASSERT_PKRU does not hold",
            Trap::Busy => {
                "a compartment was entered that already runs in this thread (was %fs moved?)"
            }
            Trap::Unregistered => {
                "no loaded object defines the called function (built without the rewriter?)"
            }
            Trap::Handler => {
                "a signal handler was installed without the runtime, or called directly"
            }
            Trap::PermissiveDone | Trap::PermissiveFault | Trap::PermissiveEntered => {
                "code jumped into the runtime's permissive mode"
            }
        }
    }
}
