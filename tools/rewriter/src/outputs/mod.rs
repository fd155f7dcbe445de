//! Writing: all files or none, none that would not change, and none over work done by hand.
//!
//! | step | where |
//! |---|---|
//! | what there is to write | [`targets`] |
//! | the compile commands of the rewritten files | [`database`] |
//! | what was written before, and so what somebody changed since | [`record`], [`by_hand`] |
//! | all renames or none | [`commit`] |

mod again;
mod by_hand;
mod commit;
mod database;
mod record;
mod targets;

use camino::{Utf8Path, Utf8PathBuf};
use compdb::paths::{Disk, canonical};
use diagnostics::{Diagnostic, codes};
use rewrite::plan::Plan;

use self::by_hand::Mode;
use self::commit::Transaction;
use self::record::State;
use self::targets::Target;
use crate::options::Arguments;
use crate::read::Input;
use crate::sources::Sources;
use crate::texts::Texts;

/// Where things go; all paths canonical.
pub(crate) struct Places {
    /// Files below it are rewritten.
    pub(crate) root: Utf8PathBuf,
    /// Rewritten files go below it.
    pub(crate) output: Utf8PathBuf,
    /// Path and beginning of the names of the generated files.
    pub(crate) prefix: Utf8PathBuf,
}

impl Places {
    /// The places that the command line names.
    pub(crate) fn new(arguments: &Arguments, current: &Utf8Path) -> Places {
        let absolute = |path: &Utf8Path| canonical(&Disk, current, path);
        Places {
            root: absolute(&arguments.root_directory),
            output: absolute(&arguments.output_directory),
            prefix: absolute(&arguments.output_prefix),
        }
    }

    /// A generated file.
    pub(crate) fn generated(&self, suffix: &str) -> Utf8PathBuf {
        Utf8PathBuf::from(format!("{}{suffix}", self.prefix))
    }

    /// Where a file below the root goes; `None` for one that is not below it.
    pub(crate) fn moved(&self, path: &Utf8Path) -> Option<Utf8PathBuf> {
        let relative = path.strip_prefix(&self.root).ok()?;
        Some(if relative.as_str().is_empty() {
            self.output.clone()
        } else {
            self.output.join(relative)
        })
    }
}

/// Writes rewritten and generated files. Returns what is worth a warning.
pub(crate) fn write(
    plan: &Plan,
    input: &Input,
    places: &Places,
    arguments: &Arguments,
) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
    let targets = targets::collect(plan, input, places)?;
    write_targets(targets, input, places, arguments)
}

/// Writes what has been rewritten already, if all sources have, as it is. Returns whether they have.
pub(crate) fn write_again(
    sources: &Sources,
    places: &Places,
    arguments: &Arguments,
) -> Result<bool, Vec<Diagnostic>> {
    let Some(targets) = again::targets(sources, places)? else { return Ok(false) };
    if places.output != places.root {
        let (mut input, _) = Input::new(Vec::new(), Texts::default())?;
        for entry in &sources.entries {
            let command = entry.recorded(&Disk).map_err(|error| vec![Diagnostic::from(&error)])?;
            input.commands.push(command);
        }
        input.others.clone_from(&sources.others);
        input.database.clone_from(&sources.database);
        write_targets(targets, &input, places, arguments)?;
    }
    Ok(true)
}

fn write_targets(
    mut targets: Vec<Target>,
    input: &Input,
    places: &Places,
    arguments: &Arguments,
) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
    let lost = database::leading_back(input, &targets);
    if !lost.is_empty() {
        return Err(lost);
    }
    let mut transaction = Transaction::begin(&places.output).map_err(|error| vec![error])?;
    let mut state = State::load(places).map_err(|error| vec![error])?;
    let database = database::database(input, places, &state, &targets)?;
    targets.push(database.target);
    database.directories.into_iter().for_each(|directory| transaction.directory(directory));
    targets::check(&targets, input, places, &state)?;
    let mode = Mode::of(arguments);
    let mut errors = Vec::new();
    for target in &targets {
        match by_hand::decide(target, &state, mode) {
            Ok(decision) => state.apply(target, decision, &mut transaction),
            Err(refused) => errors.push(refused),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut warnings = state.drop_stale(&targets, &mut transaction);
    warnings.extend(database::leading_out(input, places));
    transaction.commit(state).map_err(|error| vec![error])?;
    Ok(warnings)
}

/// A file of ours could not be read or written.
fn unwritable(path: &Utf8Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error(codes::OUTPUT_UNWRITABLE, format!("cannot write {path}: {error}"))
        .help("name an output directory and prefix that can be written")
}
