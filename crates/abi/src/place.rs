//! Where the bytes of a call's arguments and result travel.

use std::fmt;

use crate::ByteRanges;
use crate::register::{General, Live, Register};
use ctype::TypeId;

/// How one call is made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signature {
    /// The arguments, in the order of the call.
    pub arguments: Vec<Argument>,
    /// The result.
    pub result: ResultPlace,
    /// Bytes of the stack that belong to arguments, from the caller's stack pointer upwards; a
    /// multiple of 8. Bytes of it that are in no argument's piece are padding.
    pub stack_bytes: u32,
    /// Alignment of the caller's stack pointer at the call instruction: at least 16.
    pub stack_align: u32,
    /// The number the caller puts into `al`, an upper bound of the vector registers in use.
    /// `None` if it sets no such number: the callee has a prototype without `...`, or clang makes
    /// an unprototyped call with vectors wider than 16 bytes.
    pub vector_count: Option<u8>,
}

/// One argument of a call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Argument {
    /// The type as the ABI sees it: that of the first member for a `transparent_union`.
    pub ty: TypeId,
    /// Where its bytes are. Empty if it has none, such as an empty struct.
    pub pieces: Vec<Piece>,
}

/// Part of a value and where it travels.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Piece {
    /// Where.
    pub place: Place,
    /// Which byte of the value is at the start of the place.
    pub offset: u64,
    /// How many bytes of the value are there. At most 8 in a general register, 10 on the x87 stack.
    pub size: u64,
    /// Which of these bytes carry the value, counted from `offset`; the others are padding.
    pub value: ByteRanges,
    /// Set for a narrow integer. Of an argument the callee may rely on more than `size` bytes.
    pub extension: Option<Extension>,
}

/// A place that holds bytes of a value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Place {
    /// The low bytes of a register.
    Register(Register),
    /// The stack, this many bytes above the caller's stack pointer at the call instruction: the
    /// callee finds it 8 bytes further, above the return address.
    Stack(u32),
}

/// A narrow integer argument the caller extends to 32 bits.
///
/// The psABI does not ask for it, but gcc and clang do it as callers and clang relies on it as
/// callee. A gate that believes the caller passes wrong indices on; one that clears the bytes above
/// `size` turns a negative `short` into a positive one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Extension {
    /// Width of the value in bits, at most 31.
    pub bits: u32,
    /// Whether bits are copies of the sign bit or zero.
    pub signed: bool,
}

/// Where the result travels.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ResultPlace {
    /// There is none, or none that has a byte: `void`, an empty struct.
    None,
    /// In registers: `rax`, `rdx`, `rcx`, `xmm0` to `xmm3`, `st0`, `st1`.
    Registers(Vec<Piece>),
    /// In memory of the caller, whose address it passes in `rdi` and the callee returns in `rax`.
    Memory {
        /// Size of the memory in bytes.
        size: u64,
        /// Its alignment in bytes.
        align: u64,
        /// The bytes that carry the value; the others are padding.
        value: ByteRanges,
    },
}

impl Piece {
    /// The register and what it carries of an argument, if the piece is in one.
    fn argument(&self) -> Option<Live> {
        let live = self.result()?;
        match self.extension {
            Some(_) => Some(Live { bytes: 4, value: 0xf, ..live }),
            None => Some(live),
        }
    }

    /// The register and what it carries of a result, if the piece is in one.
    fn result(&self) -> Option<Live> {
        let Place::Register(register) = self.place else { return None };
        let bytes = u8::try_from(self.size).expect("no register has more than 64 bytes");
        Some(Live { register, bytes, value: self.value.mask(), narrow: self.extension })
    }
}

impl Signature {
    /// Whether a call of one reaches a function of the other as that expects it: everything travels in
    /// the same places, whatever pointers lead to.
    pub fn is_called_like(&self, other: &Signature) -> bool {
        let Signature { arguments, result, stack_bytes, stack_align, vector_count } = self;
        let same = |(first, second): (&Argument, &Argument)| first.pieces == second.pieces;
        arguments.len() == other.arguments.len()
            && arguments.iter().zip(&other.arguments).all(same)
            && (result, stack_bytes, stack_align, vector_count)
                == (&other.result, &other.stack_bytes, &other.stack_align, &other.vector_count)
    }

    /// The registers that carry something into the callee, in ascending order: arguments, the
    /// address of the result, and `al`. All others are to be scrubbed on the way in.
    pub fn argument_registers(&self) -> Vec<Live> {
        let pieces = self.arguments.iter().flat_map(|argument| &argument.pieces);
        let mut live: Vec<Live> = pieces.filter_map(Piece::argument).collect();
        if matches!(self.result, ResultPlace::Memory { .. }) {
            live.push(whole(General::Rdi));
        }
        if self.vector_count.is_some() {
            live.push(Live { bytes: 1, value: 1, ..whole(General::Rax) });
        }
        live.sort_by_key(|live| live.register);
        live
    }

    /// The registers that carry something back to the caller, in ascending order. All others are
    /// to be scrubbed on the way out.
    pub fn result_registers(&self) -> Vec<Live> {
        match &self.result {
            ResultPlace::None => Vec::new(),
            ResultPlace::Registers(pieces) => {
                let mut live: Vec<Live> = pieces.iter().filter_map(Piece::result).collect();
                live.sort_by_key(|live| live.register);
                live
            }
            ResultPlace::Memory { .. } => {
                vec![whole(General::Rax)]
            }
        }
    }

    /// The narrow integers among the arguments on the stack, each with its offset there.
    pub fn narrow_stack_arguments(&self) -> Vec<(u32, Extension)> {
        let pieces = self.arguments.iter().flat_map(|argument| &argument.pieces);
        pieces
            .filter_map(|piece| match (piece.place, piece.extension) {
                (Place::Stack(offset), Some(extension)) => Some((offset, extension)),
                _ => None,
            })
            .collect()
    }

    /// The bytes of the argument area of the stack that carry values, extensions included.
    pub fn stack_values(&self) -> ByteRanges {
        let mut values = ByteRanges::EMPTY;
        for piece in self.arguments.iter().flat_map(|argument| &argument.pieces) {
            let Place::Stack(offset) = piece.place else { continue };
            values.insert_all(&piece.value, u64::from(offset));
            if piece.extension.is_some() {
                values.insert(u64::from(offset)..u64::from(offset) + 4);
            }
        }
        values
    }
}

/// A general register that carries 8 bytes.
fn whole(register: General) -> Live {
    Live { register: register.into(), bytes: 8, value: 0xff, narrow: None }
}

impl fmt::Display for Place {
    /// `rdi`, `stack+16`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Register(register) => register.fmt(f),
            Place::Stack(offset) => write!(f, "stack+{offset}"),
        }
    }
}

impl fmt::Display for Piece {
    /// `rdi` for a piece that starts the value, `rsi[8..12]` for one that continues it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place.fmt(f)?;
        if self.offset > 0 {
            write!(f, "[{}..{}]", self.offset, self.offset + self.size)?;
        }
        Ok(())
    }
}

impl fmt::Display for Argument {
    /// `rdi xmm0[8..16]`, `stack+0`, `nothing`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_pieces(f, &self.pieces)
    }
}

impl fmt::Display for ResultPlace {
    /// `rax`, `xmm0 rax[8..16]`, `memory`, `nothing`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ResultPlace::None => f.write_str("nothing"),
            ResultPlace::Registers(pieces) => write_pieces(f, pieces),
            ResultPlace::Memory { .. } => f.write_str("memory"),
        }
    }
}

fn write_pieces(f: &mut fmt::Formatter<'_>, pieces: &[Piece]) -> fmt::Result {
    if pieces.is_empty() {
        return f.write_str("nothing");
    }
    for (index, piece) in pieces.iter().enumerate() {
        let space = if index == 0 { "" } else { " " };
        write!(f, "{space}{piece}")?;
    }
    Ok(())
}

impl fmt::Display for Signature {
    /// `(rdi, stack+0) -> rax`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(")?;
        for (index, argument) in self.arguments.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{argument}")?;
        }
        write!(f, ") -> {}", self.result)
    }
}
