//! Many programs as one: a directory for the harness.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::histogram::Histogram;
use crate::program::program;

/// Files of a pack, by their path below its directory.
#[derive(Clone, Debug)]
pub struct Pack {
    /// Paths and texts.
    pub files: Vec<(String, String)>,
    /// What was used how often.
    pub histogram: Histogram,
}

/// The pack of these programs of a seed, without the constructs to be avoided (named as in the
/// histogram). Program N prints one line that begins with `pN `.
pub fn pack(seed: u64, numbers: &BTreeSet<usize>, avoided: &[String]) -> Pack {
    let mut histogram = Histogram::default();
    let mut header = String::from(
        "#ifndef PACK_H\n#define PACK_H\n#include <stddef.h>\n#include <stdlib.h>\n#include <ia2.h>\n\
         static inline unsigned long mix(unsigned long h, unsigned long x) { return (h ^ x) * 0x100000001b3UL; }\n",
    );
    let names = ["main", "second", "third"];
    let mut sources = [1, 2, 3].map(|compartment| {
        format!(
            "#include <stdio.h>\n#include \"pack.h\"\n{}\
             #define IA2_COMPARTMENT {compartment}\n#include <ia2_compartment_init.inc>\n",
            if compartment == 1 { "INIT_RUNTIME(3);\n" } else { "" }
        )
    });
    let mut runs = String::new();
    for &number in numbers {
        let program = program(seed, number, avoided, &mut histogram);
        header.push_str(&program.header);
        for (source, more) in sources.iter_mut().zip(&program.sources) {
            source.push_str(more);
        }
        let p = &program.prefix;
        writeln!(runs, "    printf(\"{p} %016lx\\n\", {p}_run({number})); fflush(stdout);")
            .expect("a string takes everything");
    }
    header.push_str("#endif\n");
    write!(sources[0], "int main(void) {{\n{runs}    return 0;\n}}\n")
        .expect("a string takes everything");
    let mut files =
        vec![("src/pack.h".to_owned(), header), ("case.toml".to_owned(), CASE.to_owned())];
    for (name, source) in names.into_iter().zip(sources) {
        files.push((format!("src/{name}.c"), source));
    }
    Pack { files, histogram }
}

/// The description for the harness.
const CASE: &str = r#"about = "Random programs"
flags = ["-w", "-std=gnu17", "-O0", "-g0"]

[[dso]]
name = "main"
pkey = 1
sources = ["main.c"]
links = ["second", "third"]

[[dso]]
name = "second"
pkey = 2
sources = ["second.c"]

[[dso]]
name = "third"
pkey = 3
sources = ["third.c"]

[[run]]
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_programs() {
        let numbers = BTreeSet::from([3, 8]);
        assert_eq!(pack(7, &numbers, &[]).files, pack(7, &numbers, &[]).files);
        assert_ne!(pack(7, &numbers, &[]).files, pack(8, &numbers, &[]).files);
        let alone = pack(7, &BTreeSet::from([8]), &[]);
        let part = alone.files[0].1.split("/* program p8 */").nth(1).expect("the program");
        assert!(pack(7, &numbers, &[]).files[0].1.contains(part), "others do not matter");
    }
}
