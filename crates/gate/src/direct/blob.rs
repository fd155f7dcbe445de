//! A block of bytes that crosses in spare vector registers: arguments on the stack, or a result in
//! memory.
//!
//! Up to [`Blob::INLINE`] bytes travel in xmm8 to xmm15 with the switch that is made anyway. Larger
//! blocks travel in *chunks* of a register file's size, 128 bytes, or 256 where the CPU has AVX. All
//! but the last have switches of their own (`super::chunks`).

use abi::ByteRanges;

use crate::insn::{Gpr, Insn, Mem, Xmm, Ymm};
use crate::masks::Masks;

/// A block of bytes.
pub(super) struct Blob {
    size: i32,
    value: ByteRanges,
}

/// Which part of the spare registers carries bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Width {
    Xmm,
    Ymm,
}

/// The first spare register.
const FIRST: u8 = 8;
/// How many there are.
const COUNT: i32 = 8;

impl Width {
    /// Bytes of one register.
    pub(super) fn bytes(self) -> i32 {
        match self {
            Width::Xmm => 16,
            Width::Ymm => 32,
        }
    }

    /// Bytes of all spare registers together.
    pub(super) fn chunk(self) -> i32 {
        COUNT * self.bytes()
    }

    fn load(self, register: u8, from: Mem) -> Insn {
        match self {
            Width::Xmm => Insn::LoadXmm(Xmm(register), from),
            Width::Ymm => Insn::LoadYmm(Ymm(register), from),
        }
    }

    fn store(self, to: Mem, register: u8) -> Insn {
        match self {
            Width::Xmm => Insn::StoreXmm(to, Xmm(register)),
            Width::Ymm => Insn::StoreYmm(to, Ymm(register)),
        }
    }

    fn and(self, register: u8, mask: Mem) -> Insn {
        match self {
            Width::Xmm => Insn::AndXmm(Xmm(register), mask),
            Width::Ymm => Insn::AndYmm(Ymm(register), mask),
        }
    }

    /// Clears the spare registers that carry so many bytes.
    pub(super) fn clear(self, bytes: i32) -> impl Iterator<Item = Insn> {
        let used = (bytes + self.bytes() - 1) / self.bytes();
        (FIRST..FIRST + used.min(COUNT) as u8).map(move |register| match self {
            Width::Xmm => Insn::ClearXmm(Xmm(register)),
            Width::Ymm => Insn::ClearWhole(Xmm(register)),
        })
    }
}

impl Blob {
    /// Bytes that cross on every CPU with a switch that is made anyway.
    pub(crate) const INLINE: i32 = 128;

    pub(super) fn new(size: i32, value: ByteRanges) -> Blob {
        Blob { size, value }
    }

    pub(super) fn size(&self) -> i32 {
        self.size
    }

    /// Whether some CPU needs switches for it alone.
    pub(super) fn is_chunked(&self) -> bool {
        self.size > Blob::INLINE
    }

    /// How many bytes have switches of their own; the rest crosses with the call or the return.
    pub(super) fn in_chunks(&self, width: Width) -> i32 {
        if self.size == 0 { 0 } else { (self.size - 1) / width.chunk() * width.chunk() }
    }

    fn has_padding(&self) -> bool {
        self.value != ByteRanges::from(0..self.size.unsigned_abs().into())
    }

    /// The mask of the whole block, if it has padding. Destroys `base`, which then holds it.
    fn mask_base(&self, masks: &mut Masks, base: Gpr) -> Option<Insn> {
        let size = u64::from(self.size.unsigned_abs());
        self.has_padding().then(|| Insn::Lea(base, masks.block(&self.value, size)))
    }

    /// Loads the chunk that begins `index` bytes into the block. `base` plus `offset` is the start of
    /// the block; `scratch` is overwritten.
    pub(super) fn load_chunk(
        &self,
        width: Width,
        (base, index, offset): (Gpr, Gpr, i32),
        scratch: Gpr,
        masks: &mut Masks,
    ) -> Vec<Insn> {
        let mut out = Vec::new();
        let mask = self.mask_base(masks, scratch);
        let is_masked = mask.is_some();
        out.extend(mask);
        for (register, start) in (FIRST..).zip((0..width.chunk()).step_by(width.bytes() as usize)) {
            out.push(width.load(register, Mem::Indexed(base, index, offset + start)));
            // Masks are aligned, and chunks begin at multiples of their size.
            if is_masked {
                out.push(width.and(register, Mem::Indexed(scratch, index, start)));
            }
        }
        out
    }

    /// Stores the chunk that begins `index` bytes into the block.
    pub(super) fn store_chunk(
        &self,
        width: Width,
        (base, index, offset): (Gpr, Gpr, i32),
    ) -> Vec<Insn> {
        (FIRST..)
            .zip((0..width.chunk()).step_by(width.bytes() as usize))
            .map(|(register, start)| {
                width.store(Mem::Indexed(base, index, offset + start), register)
            })
            .collect()
    }

    /// Where the registers' worths of the last chunk begin. The last of them ends with the block, so
    /// it may overlap the one before.
    fn rest(&self, width: Width) -> impl Iterator<Item = (u8, i32)> + use<> {
        let last = self.size - width.bytes();
        let starts = (self.in_chunks(width)..self.size).step_by(width.bytes() as usize);
        (FIRST..).zip(starts.map(move |start| start.min(last)))
    }

    /// Loads what has no chunk of its own; the block is a large one.
    pub(super) fn load_rest(
        &self,
        width: Width,
        base: Gpr,
        offset: i32,
        masks: &mut Masks,
    ) -> Vec<Insn> {
        let mut out = Vec::new();
        for (register, start) in self.rest(width) {
            out.push(width.load(register, Mem::Base(base, offset + start)));
            let window = u64::from(start.unsigned_abs())..(start + width.bytes()) as u64;
            let value = self.value.within(window);
            let bytes = u64::from(width.bytes().unsigned_abs());
            if value != ByteRanges::from(0..bytes) {
                out.push(width.and(register, masks.bytes(value.mask(), bytes as u32)));
            }
        }
        out
    }

    /// Stores what has no chunk of its own; the block is a large one.
    pub(super) fn store_rest(&self, width: Width, base: Gpr, offset: i32) -> Vec<Insn> {
        self.rest(width)
            .map(|(register, start)| width.store(Mem::Base(base, offset + start), register))
            .collect()
    }

    /// Loads a small block. Numbers are loaded one by one: they were stored so just before, and a
    /// load that spans two stores would wait for both to leave the store buffer.
    pub(super) fn load_inline(&self, base: Gpr, offset: i32, masks: &mut Masks) -> Vec<Insn> {
        let mut out = Vec::new();
        for (register, start) in (FIRST..).map(Xmm).zip((0..self.size).step_by(16)) {
            let at = |bytes| Mem::Base(base, offset + start + bytes);
            let window = |from: i32| (start + from) as u64..(start + from + 8) as u64;
            let value = |from| self.value.within(window(from)).mask();
            out.push(match value(0) {
                0 => Insn::ClearXmm(register),
                0x0f => Insn::LoadXmm4(register, at(0)),
                _ => Insn::LoadXmm8(register, at(0)),
            });
            match value(8) {
                0 => {}
                0x0f => out.push(Insn::LoadXmmHigh4(register, at(8))),
                _ => out.push(Insn::LoadXmmHigh8(register, at(8))),
            }
            let is_whole = |mask| matches!(mask, 0 | 0x0f | 0xff);
            if !is_whole(value(0)) || !is_whole(value(8)) {
                out.push(Insn::AndXmm(register, masks.bytes(value(0) | value(8) << 8, 16)));
            }
        }
        out
    }

    /// Stores a small block into memory of exactly its size. Changes the last register.
    pub(super) fn store_inline(&self, base: Gpr, offset: i32) -> Vec<Insn> {
        let mut out = Vec::new();
        for (register, start) in (FIRST..).map(Xmm).zip((0..self.size).step_by(16)) {
            let at = |bytes| Mem::Base(base, offset + start + bytes);
            let bytes = self.size - start;
            if bytes >= 16 {
                out.push(Insn::StoreXmm(at(0), register));
                continue;
            }
            let mut done = 0;
            for part in [8, 4, 2, 1].into_iter().filter(|part| bytes & part != 0) {
                out.push(match part {
                    8 => Insn::StoreXmm8(at(done), register),
                    4 => Insn::StoreXmm4(at(done), register),
                    2 => Insn::StoreXmm2(at(done), register),
                    _ => Insn::StoreXmm1(at(done), register),
                });
                done += part;
                if done < bytes {
                    out.push(Insn::ShiftDown(register, part as u8));
                }
            }
        }
        out
    }
}
