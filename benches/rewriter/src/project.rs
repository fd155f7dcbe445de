//! What is rewritten.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::json;

/// Sources in a folder of their own, with a compile database.
pub(crate) struct Project {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    /// Relative to the folder.
    pub(crate) sources: Vec<String>,
    /// Of every source.
    pub(crate) flags: Vec<String>,
}

/// What makes it a program in compartment 1.
const INIT: &str = "#include <ia2.h>\nINIT_RUNTIME(1);\n#define IA2_COMPARTMENT 1\n#include <ia2_compartment_init.inc>\n";

/// What every source of the generated project includes.
const ALL: &str = "\
#pragma once
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
typedef int (*hook)(int);
struct ops { const char *name; hook run; void (*done)(void *); };
";

/// Sources with a common header.
const MODULE: usize = 20;

impl Project {
    /// SQLite and its shell: two sources, the one of a quarter of a million lines.
    pub(crate) fn sqlite(folder: &Path, from: &Path) -> Result<Project> {
        fs_err::create_dir_all(folder.join("src"))?;
        for name in ["sqlite3.c", "shell.c", "sqlite3.h"] {
            fs_err::copy(from.join(name), folder.join("src").join(name))?;
        }
        let sources = ["sqlite3.c", "shell.c"].map(str::to_owned).to_vec();
        let flags = ["-DSQLITE_THREADSAFE=1", "-DSQLITE_ENABLE_FTS5", "-DSQLITE_ENABLE_RTREE"];
        Project {
            name: "sqlite3.c, shell.c".to_owned(),
            folder: folder.to_owned(),
            sources,
            flags: flags.map(str::to_owned).to_vec(),
        }
        .ready()
    }

    /// So many sources in modules of twenty, each with a header. They share headers, those of libc
    /// among them, and call each other directly and through tables of callbacks.
    pub(crate) fn generated(folder: &Path, count: usize) -> Result<Project> {
        let own = folder.join("src");
        fs_err::create_dir_all(&own)?;
        fs_err::write(own.join("all.h"), ALL)?;
        for module in 0..count.div_ceil(MODULE) {
            let mut header = String::from("#pragma once\n#include \"all.h\"\n");
            for number in module * MODULE..count.min((module + 1) * MODULE) {
                writeln!(header, "int part{number}(int x, const struct ops *ops);")?;
            }
            fs_err::write(own.join(format!("module{module}.h")), header)?;
        }
        let mut sources = Vec::new();
        for number in 0..count {
            let name = format!("part{number}.c");
            fs_err::write(own.join(&name), source(number, count)?)?;
            sources.push(name);
        }
        let name = format!("{count} sources");
        Project { name, folder: folder.to_owned(), sources, flags: Vec::new() }.ready()
    }

    /// Adds what every program has.
    fn ready(mut self) -> Result<Project> {
        fs_err::write(self.folder.join("src/init.c"), INIT)?;
        self.sources.push("init.c".to_owned());
        let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../runtime/libia2/include");
        let include = include.canonicalize()?;
        self.flags.extend(["-I".to_owned(), include.to_string_lossy().into_owned()]);
        let commands = self.sources.iter().map(|source| {
            let mut arguments = vec!["gcc".to_owned()];
            arguments.extend(self.flags.iter().cloned());
            arguments.extend(["-DPKEY=1".to_owned(), "-c".to_owned(), format!("src/{source}")]);
            json!({ "directory": self.folder, "file": format!("src/{source}"), "arguments": arguments })
        });
        let commands: Vec<_> = commands.collect();
        fs_err::write(self.folder.join("compile_commands.json"), serde_json::to_vec(&commands)?)?;
        Ok(self)
    }

    /// The last source that is like the others: it gets a new line.
    pub(crate) fn change_one(&self, number: usize) -> Result<()> {
        let path = self.folder.join("src").join(&self.sources[self.sources.len() - 2]);
        let mut text = fs_err::read_to_string(&path)?;
        writeln!(text, "int changed{number};")?;
        fs_err::write(path, text)?;
        Ok(())
    }
}

/// A hundred lines of C.
fn source(number: usize, count: usize) -> Result<String> {
    let other = (number * 7 + 1) % count;
    let mut text = format!(
        "#include \"module{}.h\"\n#include \"module{}.h\"\n",
        number / MODULE,
        other / MODULE
    );
    writeln!(
        text,
        "static int seen{number};\nstruct node{number} {{ struct node{number} *next; int value; hook f; }};"
    )?;
    for function in 0..8 {
        writeln!(
            text,
            "static int step{function}(int x)\n{{\n    struct node{number} *n = malloc(sizeof *n);\n    if (!n)\n        return -errno;\n\
             \x20   memset(n, 0, sizeof *n);\n    for (n->value = 0; n->value < x; n->value++) {{\n        if (n->value % 3 == {function})\n            seen{number} += n->value ^ x;\n\
             \x20       else if (n->next != NULL)\n            n = n->next;\n    }}\n    x = n->value;\n    free(n);\n    return x;\n}}"
        )?;
    }
    writeln!(
        text,
        "static const struct ops table{number}[] = {{ {{ \"a\", step0, free }}, {{ \"b\", step1, 0 }}, {{ \"c\", step2, free }} }};\n\
         int part{number}(int x, const struct ops *ops)\n{{\n    if (ops && ops->run)\n        x = ops->run(x);\n\
         \x20   for (unsigned i = 0; i < 3; i++)\n        x += table{number}[i].run(step3(x) + step4(i) + step5(x) + step6(x) + step7(x));\n\
         \x20   if (x > 100)\n        printf(\"%d %d\\n\", x, seen{number});\n    return x + part{other}(x - 1, table{number} + 1);\n}}"
    )?;
    Ok(text)
}
