//! Where the bytes of a call's arguments and result travel, on x86-64 with the System V ABI.
//!
//! [`signature`] takes a function type and says which registers and stack bytes carry which bytes
//! of which argument and of the result, exactly as the given [`Compiler`] does it. Call gates are
//! made from this: what is not in a [`Signature`] must not cross from one compartment to another.
//!
//! gcc and clang follow the same document (psABI 1.0) and differ in its corners;
//! [`differences`] tells where a caller and a callee would not understand each other.
//! [`value_bytes`] tells value bytes from padding, [`promote`] is what happens to an argument that
//! has no parameter.
//!
//! The target is a compiler with its default ABI switches. Flags that change the convention itself
//! (`-mabi=ms`, `-mx32`, `-mno-sse`, `-mgeneral-regs-only`, `-mlong-double-64`, `-fpcc-struct-return`,
//! `-mno-80387`, clang's `-fclang-abi-compat`) have no [`Target`]: whoever reads compile commands
//! must refuse them.
//!
//! **No rule here has a default.** A type or a call that no rule is known for is [`Unsupported`].
//! **Nothing here does I/O, and nothing but `ctype` is asked for facts.**

mod bytes;
mod call;
mod clang;
mod class;
mod gcc;
mod pieces;
mod place;
mod promote;
mod register;
mod supported;
mod target;
mod unsupported;
mod value;

pub use bytes::ByteRanges;
pub use call::signature;
pub use place::{Argument, Extension, Piece, Place, ResultPlace, Signature};
pub use promote::promote;
pub use register::{General, Live, Register, Vector, X87};
pub use target::{Compiler, Target, Vectors};
pub use unsupported::{Reason, Subject, Unsupported};
pub use value::value_bytes;
