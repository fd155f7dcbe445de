//! Classes of eightbytes (psABI 1.0, section 3.2.3).

/// How an eightbyte is passed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Class {
    /// Nothing of it is passed: padding.
    No,
    /// In a general register.
    Integer,
    /// In the low half of a vector register.
    Sse,
    /// In the next eightbyte of the vector register of the eightbyte before it.
    SseUp,
    /// On the x87 stack: the significand.
    X87,
    /// On the x87 stack: sign and exponent.
    X87Up,
    /// On the x87 stack: part of a `_Complex long double`.
    ComplexX87,
    /// On the stack.
    Memory,
}

impl Class {
    /// The class of an eightbyte that holds members of both classes.
    pub(crate) fn merge(self, other: Class) -> Class {
        use Class::{ComplexX87, Integer, Memory, No, Sse, X87, X87Up};
        match (self, other) {
            (a, b) if a == b => a,
            (No, class) | (class, No) => class,
            (Memory, _) | (_, Memory) => Memory,
            (Integer, _) | (_, Integer) => Integer,
            (X87 | X87Up | ComplexX87, _) | (_, X87 | X87Up | ComplexX87) => Memory,
            _ => Sse,
        }
    }
}
