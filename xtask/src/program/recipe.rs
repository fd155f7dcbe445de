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
    /// Where the upstream sources are.
    pub(crate) source: Source,
    /// Patches of Debian's package that some build is made with, by file name.
    #[serde(default)]
    pub(crate) debian_patches: BTreeMap<String, Checked>,
    /// How upstream's build is configured.
    pub(crate) configure: Configure,
    /// Shared objects and programs, each after those it is linked with.
    pub(crate) dso: Vec<Dso>,
    /// How the recipe's own sources are compiled.
    #[serde(default)]
    pub(crate) own: Own,
}

/// An upstream release, as Debian keeps it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    /// Debian's source package.
    pub(crate) package: String,
    /// The file with the upstream sources.
    pub(crate) archive: String,
    /// Its SHA-256, hexadecimal.
    pub(crate) sha256: String,
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
    /// A command that is run in the unpacked sources.
    pub(crate) command: Vec<String>,
    /// The folder, from there, in which it leaves `compile_commands.json`.
    pub(crate) database: String,
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
    /// And of these sources: of the recipe, or (`upstream/…`) of upstream's but not built by it.
    #[serde(default)]
    pub(crate) sources: Vec<String>,
    /// Files of the recipe's other shared objects that it is linked with.
    #[serde(default)]
    pub(crate) libraries: Vec<String>,
    /// Further arguments of its link command.
    #[serde(default)]
    pub(crate) link: Vec<String>,
}

/// How the recipe's own sources are compiled.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Own {
    /// Flags; `{upstream}` is the folder of the upstream sources.
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

    fn check(&self) -> Result<()> {
        for (index, dso) in self.text.dso.iter().enumerate() {
            let earlier = &self.text.dso[..index];
            for library in &dso.libraries {
                ensure!(
                    earlier.iter().any(|dso| dso.file == *library),
                    "{} needs {library}, which is not in front of it",
                    dso.file
                );
            }
            ensure!(
                dso.objects.is_some() || !dso.sources.is_empty(),
                "{} consists of nothing",
                dso.file
            );
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
