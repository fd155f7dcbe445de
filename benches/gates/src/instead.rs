//! Gates that clear registers by other instructions, to see what these would cost.

/// Another way to clear registers.
pub(crate) struct Instead {
    /// What is done.
    pub(crate) name: &'static str,
    /// The kind of CPU whose gates are changed, as the worker is told; `None` is this one.
    pub(crate) vectors: Option<&'static str>,
    /// The folder of the gates.
    pub(crate) folder: &'static str,
    change: fn(&str) -> String,
}

/// The ways.
pub(crate) const INSTEAD: [Instead; 3] = [
    Instead {
        name: "with AVX: VXORPS 16 times instead of VZEROALL",
        vectors: Some("avx"),
        folder: "vxorps",
        change: vxorps,
    },
    Instead {
        name: "with AVX-512: VZEROALL instead of VXORPS 16 times",
        vectors: None,
        folder: "vzeroall",
        change: vzeroall,
    },
    Instead {
        name: "with AVX-512: XRSTOR of the initial state behind the switch, for all registers, MXCSR and control word",
        vectors: None,
        folder: "xrstor",
        change: xrstor,
    },
];

impl Instead {
    /// The changed gates.
    pub(crate) fn made_of(&self, assembly: &str) -> String {
        (self.change)(assembly)
    }
}

fn vxorps(assembly: &str) -> String {
    let all: String =
        (0..16).map(|n| format!("vxorps %xmm{0}, %xmm{0}, %xmm{n}\n", n % 8)).collect();
    each_line(assembly, |line| match line {
        "vzeroall" => all.clone(),
        _ => line.to_owned(),
    })
}

fn vzeroall(assembly: &str) -> String {
    // Where a register carries something, the first of the 16 is another instruction.
    let mut whole = false;
    each_line(assembly, |line| {
        if !line.starts_with("vxorps") {
            return line.to_owned();
        }
        if line.ends_with(" %xmm0") {
            whole = true;
            return "vzeroall".to_owned();
        }
        let last = line.ends_with(" %xmm15");
        let kept = if whole { String::new() } else { line.to_owned() };
        whole &= !last;
        kept
    })
}

/// What clears registers before the switch is left out, and what sets state behind it. In their place
/// XRSTOR loads the initial state of all these components (SDM volume 1, section 13.8), behind the
/// comparison of PKRU. It would load PKRU as well for whoever jumps onto it with bit 9 set in EAX, so
/// it has a comparison of its own.
fn xrstor(assembly: &str) -> String {
    const COMPONENTS: u32 = 0b1110_0111;
    let state = ["vxorps", "vpxord", "kxorw", "pxor %mm", "emms", "ldmxcsr .L", "fldcw .L"];
    let mut switched = false;
    let mut out = each_line(assembly, |line| {
        if state.iter().any(|instruction| line.starts_with(instruction)) {
            return String::new();
        }
        switched |= matches!(line, "lfence" | "wrpkru");
        match line.strip_prefix("jne ") {
            Some(bad) if std::mem::take(&mut switched) => format!(
                "{line}\nmovl ${COMPONENTS:#x}, %eax\nxorl %edx, %edx\nxrstor64 .Linitial_state(%rip)\n\
                 testl $0x200, %eax\njne {bad}"
            ),
            _ => line.to_owned(),
        }
    });
    // 512 bytes of which only MXCSR is read, and the header, which says that nothing else is.
    out.push_str(
        ".section .rodata.initial_state,\"a\",@progbits\n.balign 64\n.Linitial_state:\n\
         .zero 24\n.long 0x1f80\n.zero 548\n",
    );
    out
}

fn each_line(assembly: &str, mut change: impl FnMut(&str) -> String) -> String {
    let mut out = String::new();
    for line in assembly.lines() {
        out.push_str(&change(line.trim_start()));
        out.push('\n');
    }
    out
}
