//! Pieces of naked functions: switching rights, clearing registers.

/// Initial MXCSR and x87 control word (psABI, section 3.2.3).
#[repr(C)]
pub(crate) struct FloatDefaults {
    mxcsr: u32,
    control_word: u16,
}
pub(crate) static FLOAT_DEFAULTS: FloatDefaults =
    FloatDefaults { mxcsr: 0x1f80, control_word: 0x37f };

/// Writes the rights of the compartment in `$key` to PKRU and traps if they did not come out so.
///
/// The comparison computes the expected value anew: an attacker who jumps onto WRPKRU with a value
/// of their own fails it, because no compartment's value opens two private keys.
macro_rules! switch_to {
    ($key:literal) => {
        concat!(
            "lea ecx, [",
            $key,
            " + ",
            $key,
            "]\n",
            "mov eax, 3\n",
            "shl eax, cl\n",
            "or eax, 3\n",
            "not eax\n",
            "xor ecx, ecx\n",
            "xor edx, edx\n",
            "wrpkru\n",
            "cmp ",
            $key,
            ", 15\n",
            "ja 91f\n",
            "lea ecx, [",
            $key,
            " + ",
            $key,
            "]\n",
            "mov edx, 3\n",
            "shl edx, cl\n",
            "not edx\n",
            "and edx, -4\n",
            // With the prefix, which 32-bit code takes for `dec eax`: a value that passes there closes
            // key 0.
            "cmp rax, rdx\n",
            "jne 91f\n",
        )
    };
}
pub(crate) use switch_to;

/// Clears all vector, mask and x87 registers.
macro_rules! clear_vectors {
    () => {
        concat!(
            "cmp dword ptr [rip + {sealed} + {has_avx}], 1\n",
            "jb 7f\n",
            "vzeroall\n",
            "je 7f\n",
            "vpxord zmm16, zmm16, zmm16\nvpxord zmm17, zmm17, zmm17\n",
            "vpxord zmm18, zmm18, zmm18\nvpxord zmm19, zmm19, zmm19\n",
            "vpxord zmm20, zmm20, zmm20\nvpxord zmm21, zmm21, zmm21\n",
            "vpxord zmm22, zmm22, zmm22\nvpxord zmm23, zmm23, zmm23\n",
            "vpxord zmm24, zmm24, zmm24\nvpxord zmm25, zmm25, zmm25\n",
            "vpxord zmm26, zmm26, zmm26\nvpxord zmm27, zmm27, zmm27\n",
            "vpxord zmm28, zmm28, zmm28\nvpxord zmm29, zmm29, zmm29\n",
            "vpxord zmm30, zmm30, zmm30\nvpxord zmm31, zmm31, zmm31\n",
            "kxorw k0, k0, k0\nkxorw k1, k1, k1\nkxorw k2, k2, k2\nkxorw k3, k3, k3\n",
            "kxorw k4, k4, k4\nkxorw k5, k5, k5\nkxorw k6, k6, k6\nkxorw k7, k7, k7\n",
            "7:\n",
            "pxor mm0, mm0\npxor mm1, mm1\npxor mm2, mm2\npxor mm3, mm3\n",
            "pxor mm4, mm4\npxor mm5, mm5\npxor mm6, mm6\npxor mm7, mm7\n",
            "emms\n",
            "xorps xmm0, xmm0\nxorps xmm1, xmm1\nxorps xmm2, xmm2\nxorps xmm3, xmm3\n",
            "xorps xmm4, xmm4\nxorps xmm5, xmm5\nxorps xmm6, xmm6\nxorps xmm7, xmm7\n",
            "xorps xmm8, xmm8\nxorps xmm9, xmm9\nxorps xmm10, xmm10\nxorps xmm11, xmm11\n",
            "xorps xmm12, xmm12\nxorps xmm13, xmm13\nxorps xmm14, xmm14\nxorps xmm15, xmm15\n",
        )
    };
}
pub(crate) use clear_vectors;
