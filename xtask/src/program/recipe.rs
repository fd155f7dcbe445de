//! What a recipe says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// A recipe and the folder it is in.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    /// The name of its folder.
    pub(crate) name: String,
    /// Its folder, which holds the sources and patches it names.
    pub(crate) folder: PathBuf,
    /// What `recipe.toml` says.
    pub(crate) text: Text,
}

/// The contents of `recipe.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Text {
    /// What the program is, and its boundary.
    pub(crate) about: String,
    /// Upstream's releases, by the folder that each is unpacked into.
    pub(crate) source: BTreeMap<String, Source>,
    /// How upstream's builds are configured.
    pub(crate) configure: Configure,
    /// Patches of the recipe's own, which the compartmentalized build is made with. Their paths begin
    /// with the folder of the source.
    #[serde(default)]
    pub(crate) patches: Vec<String>,
    /// How each hunk of those was found, by the file and line where it begins, for example `gun.c:158`.
    #[serde(default)]
    pub(crate) named: BTreeMap<String, Named>,
    /// Shared objects and programs, each after those it is linked with.
    pub(crate) dso: Vec<Dso>,
    /// What is rewritten and built together: the files of each program, by the name of its folder.
    pub(crate) programs: BTreeMap<String, Vec<String>>,
    /// How the recipe's own sources are compiled.
    #[serde(default)]
    pub(crate) own: Own,
    /// What must do the same with and without compartments.
    #[serde(default)]
    pub(crate) test: Vec<Test>,
}

/// How a hunk was found.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Named {
    /// What permissive mode says about what it shares.
    Says(Vec<String>),
    /// Not by permissive mode: no test runs what it is about.
    NotRun {
        /// Why none does.
        #[serde(rename = "not-run")]
        why: String,
    },
}

/// A run of a program.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Test {
    /// What it is called in messages.
    pub(crate) name: String,
    /// The program.
    pub(crate) program: String,
    /// Text for sh(1), run in an empty folder with the program in the search path. The variable
    /// `src` names the place of the sources' folders.
    pub(crate) script: String,
    /// Programs of the system that the script uses besides.
    #[serde(default)]
    pub(crate) tools: Vec<String>,
    /// Files and folders of the sources that are read.
    #[serde(default)]
    pub(crate) files: Vec<String>,
    /// Texts that must be in what is printed on standard output.
    #[serde(default)]
    pub(crate) expect: Vec<String>,
    /// Seconds it may take, in an emulator too.
    #[serde(default = "two_minutes")]
    pub(crate) seconds: u64,
}

fn two_minutes() -> u64 {
    120
}

/// An upstream release, as Debian keeps it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Source {
    /// Debian's source package.
    pub(crate) package: String,
    /// The file with the upstream sources.
    pub(crate) archive: String,
    /// Its SHA-256, hexadecimal.
    pub(crate) sha256: String,
    /// Patches of Debian's package that some build is made with, by file name.
    #[serde(default)]
    pub(crate) debian_patches: BTreeMap<String, Checked>,
}

/// A file with known contents.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Checked {
    /// Its SHA-256, hexadecimal.
    pub(crate) sha256: String,
}

/// How compile commands are obtained.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Configure {
    /// Text for sh(1), run where the folders of the sources are.
    pub(crate) script: String,
    /// The folders, from there, in which it leaves a `compile_commands.json`.
    pub(crate) databases: Vec<String>,
}

/// A shared object or program.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dso {
    /// Its file, below the folder of the build. A name with `.so` makes it a shared object.
    pub(crate) file: String,
    /// Its compartment.
    pub(crate) pkey: u8,
    /// It consists of the recorded commands whose object lies in a folder of this name (CMake: the
    /// target with `.dir` behind it).
    pub(crate) objects: Option<String>,
    /// And of these sources: of the recipe, or, with a folder, of upstream's but not built by it.
    #[serde(default)]
    pub(crate) sources: Vec<String>,
    /// Files of the recipe's other shared objects that it is linked with.
    #[serde(default)]
    pub(crate) libraries: Vec<String>,
    /// Further arguments of its link command, which is run where the folders of the sources are.
    #[serde(default)]
    pub(crate) link: Vec<String>,
}

/// How the recipe's own sources are compiled.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Own {
    /// Flags; `{src}` is where the folders of the sources are.
    #[serde(default)]
    pub(crate) flags: Vec<String>,
}

impl Recipe {
    /// Reads the recipe in a folder.
    ///
    /// # Errors
    /// It is not there, or says something that makes no sense.
    pub(crate) fn read(folder: &Path) -> Result<Recipe> {
        let path = folder.join("recipe.toml");
        let text = fs_err::read_to_string(&path)?;
        let text: Text = toml::from_str(&text).with_context(|| format!("in {}", path.display()))?;
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let recipe = Recipe { name, folder: folder.to_owned(), text };
        recipe.check().with_context(|| format!("in {}", path.display()))?;
        Ok(recipe)
    }

    /// Whether all of its programs were asked for; that is, all of its tests' programs.
    pub(crate) fn is_whole(&self) -> bool {
        self.text.test.iter().all(|test| self.text.programs.contains_key(&test.program))
    }

    /// What one of its programs is called on the command line and in messages.
    pub(crate) fn full_name(&self, program: &str) -> String {
        format!("{}/{program}", self.name)
    }

    fn check(&self) -> Result<()> {
        let Text { programs, dso, test, .. } = &self.text;
        for (program, files) in programs {
            for file in files {
                ensure!(
                    dso.iter().any(|dso| dso.file == *file),
                    "program {program} has a file that is not described: {file}"
                );
            }
        }
        for (index, Dso { file, libraries, objects, sources, .. }) in dso.iter().enumerate() {
            ensure!(programs.values().any(|files| files.contains(file)), "{file} is in no program");
            for library in libraries {
                ensure!(
                    dso[..index].iter().any(|dso| dso.file == *library),
                    "{file} needs {library}, which is not in front of it"
                );
            }
            ensure!(objects.is_some() || !sources.is_empty(), "{file} consists of nothing");
        }
        for Test { name, program, .. } in test {
            ensure!(programs.contains_key(program), "test {name} is of no program: {program}");
        }
        Ok(())
    }
}

impl Dso {
    /// Whether it is a shared object, not a program.
    pub(crate) fn is_library(&self) -> bool {
        self.file_name().contains(".so")
    }

    /// The last step of its path; the soname of a shared object.
    pub(crate) fn file_name(&self) -> &str {
        self.file.rsplit('/').next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::root;

    fn recipes() -> Vec<Recipe> {
        let folders = std::fs::read_dir(root().join("programs")).unwrap();
        let folders = folders.map(|entry| entry.unwrap().path());
        let all = folders.chain([root().join("examples/cardd")]);
        all.map(|folder| Recipe::read(&folder).unwrap()).collect()
    }

    #[test]
    fn all_recipes_make_sense() {
        for recipe in recipes() {
            for patch in &recipe.text.patches {
                assert!(recipe.folder.join(patch).exists(), "{}: no {patch}", recipe.name);
            }
        }
    }

    #[test]
    fn every_hunk_of_a_patch_has_its_reason() {
        for recipe in recipes() {
            for patch in &recipe.text.patches {
                let text = fs_err::read_to_string(recipe.folder.join(patch)).unwrap();
                for hunk in text.lines().filter(|line| line.starts_with("@@ ")) {
                    let reason = hunk.rsplit("@@").next().unwrap_or_default().trim();
                    assert!(!reason.is_empty(), "{}, {patch}: no reason at {hunk}", recipe.name);
                }
            }
        }
    }
}
