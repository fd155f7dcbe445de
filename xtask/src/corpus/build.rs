//! Compiling, linking and testing what was rewritten.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use super::rewrite::Rewritten;
use crate::command::quiet;
use crate::program::build::run_all;
use crate::program::flags;
use crate::program::recipe::{Dso, Recipe, Test};
use crate::program::tree::Program;

/// Flags behind all others: what is tested is that it compiles and does the same, and quickly.
const FLAGS: [&str; 4] = ["-w", "-O0", "-g0", "-fPIC"];

/// What is built of a program.
pub(super) struct Builder<'a> {
    recipe: &'a Recipe,
    program: &'a Program<'a>,
}

/// The objects of a variant.
pub(super) struct Objects<'a> {
    builder: &'a Builder<'a>,
    folder: Utf8PathBuf,
    compiler: String,
    /// In the order of the units.
    files: Vec<Utf8PathBuf>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(recipe: &'a Recipe, program: &'a Program<'a>) -> Result<Builder<'a>> {
        ensure!(!recipe.text.test.is_empty(), "the recipe has no tests");
        Ok(Builder { recipe, program })
    }

    /// What the tests of the program print that is not rewritten.
    pub(super) fn plain(&self) -> Result<Vec<String>> {
        let units = self.program.parts.iter().flat_map(|(_, units)| units.iter());
        let commands = units.map(|unit| {
            let mut words = unit.arguments.clone();
            words.splice(1..1, flags::headers());
            (unit.directory.clone(), words)
        });
        self.objects("plain", "gcc", commands.collect(), &[])?.link_and_test()
    }

    /// Compiles what was rewritten.
    pub(super) fn compile(
        &'a self,
        rewritten: &Rewritten,
        compiler: &str,
        enable: &str,
    ) -> Result<Objects<'a>> {
        let define = format!("-DIA2_ENABLE={enable}");
        let form = rewritten.folder.file_name().unwrap_or_default();
        let name = format!("{form}/{compiler}-{enable}");
        self.objects(&name, compiler, rewritten.commands()?, &[&define])
    }

    fn objects(
        &'a self,
        name: &str,
        compiler: &str,
        commands: Vec<(Utf8PathBuf, Vec<String>)>,
        more: &[&str],
    ) -> Result<Objects<'a>> {
        let folder = self.program.folder.join(name);
        fs_err::create_dir_all(&folder)?;
        let files: Vec<_> =
            (0..commands.len()).map(|number| folder.join(format!("{number}.o"))).collect();
        let commands = commands.into_iter().zip(&files).map(|((directory, words), file)| {
            // A command runs where it ran, or where its rewritten sources are.
            fs_err::create_dir_all(&directory)?;
            let mut command = Command::new(compiler);
            command.current_dir(directory).args(&words[1..]).args(FLAGS).args(more);
            command.arg("-o").arg(file);
            Ok(command)
        });
        run_all(commands.collect::<Result<_>>()?)?;
        Ok(Objects { builder: self, folder, compiler: compiler.to_owned(), files })
    }
}

impl Objects<'_> {
    /// Links the program and runs its tests. Gives what each prints.
    pub(super) fn link_and_test(&self) -> Result<Vec<String>> {
        let mut files = self.files.iter();
        for (dso, units) in &self.builder.program.parts {
            let objects: Vec<_> = files.by_ref().take(units.len()).collect();
            self.link(dso, &objects)?;
        }
        let tests = self.builder.recipe.text.test.iter();
        tests.map(|test| self.test(test).with_context(|| test.name.clone())).collect()
    }

    fn link(&self, dso: &Dso, objects: &[&Utf8PathBuf]) -> Result<()> {
        let mut command = Command::new(&self.compiler);
        command.current_dir(self.builder.program.root());
        command.arg("-o").arg(self.folder.join(&dso.file));
        if dso.is_library() {
            command.args(["-shared", &format!("-Wl,-soname,{}", dso.file_name())]);
        }
        command.args(objects);
        command.args(dso.libraries.iter().map(|library| self.folder.join(library)));
        quiet(command.arg("-Wl,-rpath,$ORIGIN").args(&dso.link))?;
        Ok(())
    }

    fn test(&self, test: &Test) -> Result<String> {
        let here = self.folder.join("run");
        if here.exists() {
            fs_err::remove_dir_all(&here)?;
        }
        fs_err::create_dir_all(&here)?;
        let mut command = Command::new("timeout");
        command
            .arg(test.seconds.to_string())
            .args(["sh", "-e", "-c", &test.script])
            .current_dir(&here)
            .env("PATH", path(&self.folder))
            .env("LC_ALL", "C")
            .env("src", self.builder.program.root());
        let output = quiet(&mut command)?;
        for expected in &test.expect {
            ensure!(output.contains(expected), "did not print `{expected}`:\n{output}");
        }
        Ok(output)
    }
}

fn path(folder: &Utf8Path) -> PathBuf {
    format!("{folder}:/usr/bin:/bin").into()
}
