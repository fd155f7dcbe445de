//! Macro uses and definitions of a translation unit.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use clang::{Cursor, FileId, Kind, Point, Span, Unit};

use crate::paste::is_in_directive;

/// Something for each file; asked for so often that hashing would take its time.
struct PerFile<T>(Vec<T>);

impl<T> Default for PerFile<T> {
    fn default() -> PerFile<T> {
        PerFile(Vec::new())
    }
}

impl<T: Default> PerFile<T> {
    fn get(&self, file: FileId) -> Option<&T> {
        self.0.get(file.0 as usize)
    }

    fn entry(&mut self, file: FileId) -> &mut T {
        let index = file.0 as usize;
        if index >= self.0.len() {
            self.0.resize_with(index + 1, T::default);
        }
        &mut self.0[index]
    }
}

/// All macro uses, and the definitions they come from.
#[derive(Default)]
pub(crate) struct Macros {
    uses: PerFile<Uses>,
    /// Definitions, sorted.
    definitions: PerFile<Vec<Definition>>,
    /// Where in `definitions` those of a name are.
    by_name: OnceCell<HashMap<String, Vec<(usize, usize)>>>,
    /// Files that were read several times, with other macros each time.
    varying: HashSet<FileId>,
}

/// A macro's definition.
pub(crate) struct Definition {
    /// The macro's name.
    pub(crate) name: String,
    /// From the name to the end of the body.
    pub(crate) span: Span,
}

/// A use of a macro that is written in a file.
#[derive(Clone, Debug)]
pub(crate) struct Use {
    /// The macro's name.
    pub(crate) name: String,
    /// Name and arguments.
    pub(crate) span: Span,
    /// Where its definition begins; `None` for the compiler's own and the command line's.
    pub(crate) definition: Option<Point>,
    /// Index of the use in whose arguments this one stands.
    outer: Option<usize>,
}

/// Uses of one file, sorted by start, of two that start together the longer one first: so a use
/// follows the one it is nested in.
#[derive(Default)]
struct Uses(Vec<Use>);

impl Macros {
    /// Collects the preprocessor's entities, which are children of the unit's root.
    pub(crate) fn new(unit: &Unit, root: &[Cursor<'_>]) -> Macros {
        let mut macros = Macros::default();
        for cursor in root {
            let kind = cursor.kind();
            if !matches!(kind, Kind::MacroExpansion | Kind::MacroDefinition) {
                continue;
            }
            // Built-in and command-line macros have no place.
            let Some(span) = cursor.expansion_span() else { continue };
            if kind == Kind::MacroDefinition {
                let definition = Definition { name: cursor.name(), span };
                macros.definitions.entry(definition.span.file).push(definition);
            } else {
                let definition =
                    cursor.referenced().and_then(|macro_| macro_.location().expansion());
                let uses = &mut macros.uses.entry(span.file).0;
                uses.push(Use { name: cursor.name(), span, definition, outer: None });
            }
        }
        for (index, uses) in macros.uses.0.iter_mut().enumerate() {
            uses.sort();
            let file = FileId(index as u32);
            if uses.varies(|| unit.contents(file)) {
                macros.varying.insert(file);
            }
            uses.nest();
        }
        for definitions in &mut macros.definitions.0 {
            definitions.sort_by_key(|definition| definition.span.range.start);
        }
        macros
    }

    /// Whether the file was read several times, and expands differently each time.
    pub(crate) fn varies(&self, file: FileId) -> bool {
        self.varying.contains(&file)
    }

    /// Uses that contain the point, the innermost first.
    pub(crate) fn around(&self, point: Point) -> impl Iterator<Item = &Use> {
        let uses = self.uses.get(point.file).map_or(&[][..], |uses| &uses.0);
        let behind = uses.partition_point(|known| known.span.range.start <= point.offset);
        let mut next = behind.checked_sub(1);
        std::iter::from_fn(move || {
            let known = &uses[next?];
            next = known.outer;
            Some(known)
        })
        .filter(move |known| known.span.contains(point))
    }

    /// The use whose name stands at the point.
    pub(crate) fn at(&self, point: Point) -> Option<&Use> {
        self.around(point).find(|known| known.span.range.start == point.offset)
    }

    /// The outermost use that contains one point but not the other.
    pub(crate) fn separating(&self, inside: Point, outside: Point) -> Option<&Use> {
        self.around(inside).filter(|known| !known.span.contains(outside)).last()
    }

    /// The definition whose body contains the point.
    pub(crate) fn definition_around(&self, point: Point) -> Option<&Definition> {
        let definitions = self.definitions.get(point.file)?;
        let behind = definitions.partition_point(|known| known.span.range.start <= point.offset);
        definitions[..behind].last().filter(|known| known.span.contains(point))
    }

    /// The definition of a macro, if there is exactly one.
    pub(crate) fn definition_named(&self, name: &str) -> Option<&Definition> {
        let mut found = self.definitions_named(name);
        let only = found.next()?;
        found.next().is_none().then_some(only)
    }

    /// All definitions of macros with this name.
    pub(crate) fn definitions_named(&self, name: &str) -> impl Iterator<Item = &Definition> {
        let by_name = self.by_name.get_or_init(|| {
            let mut by_name: HashMap<String, Vec<(usize, usize)>> = HashMap::new();
            for (file, definitions) in self.definitions.0.iter().enumerate() {
                for (index, known) in definitions.iter().enumerate() {
                    by_name.entry(known.name.clone()).or_default().push((file, index));
                }
            }
            by_name
        });
        let places = by_name.get(name).into_iter().flatten();
        places.map(|&(file, index)| &self.definitions.0[file][index])
    }

    /// All uses of macros with a name that `wanted` accepts.
    pub(crate) fn named<'a>(
        &'a self,
        wanted: &'a dyn Fn(&str) -> bool,
    ) -> impl Iterator<Item = &'a Use> {
        self.uses.0.iter().flat_map(|uses| &uses.0).filter(move |known| wanted(&known.name))
    }

    /// All uses that are written in files.
    pub(crate) fn all_uses(&self) -> impl Iterator<Item = &Use> {
        self.uses.0.iter().flat_map(|uses| &uses.0)
    }

    /// All definitions that are written in files.
    pub(crate) fn all_definitions(&self) -> impl Iterator<Item = &Definition> {
        self.definitions.0.iter().flatten()
    }
}

impl Uses {
    fn sort(&mut self) {
        self.0.sort_by_key(|known| (known.span.range.start, u32::MAX - known.span.range.end));
    }

    /// Whether not every place is a use of the same macro each time the file is read.
    fn varies<'a>(&self, text: impl Fn() -> &'a [u8]) -> bool {
        let are_alike = |places: &[&[Use]]| {
            places.iter().all(|place| {
                place.len() == places[0].len()
                    && place.iter().all(|known| known.definition == place[0].definition)
            })
        };
        let mut places: Vec<&[Use]> =
            self.0.chunk_by(|first, next| first.span == next.span).collect();
        if are_alike(&places) {
            return false;
        }
        // Conditions count as uses, too. Headers that include each other ask for their guards more often
        // than they are read.
        let text = text();
        places.retain(|place| !is_in_directive(text, place[0].span.range.start));
        !are_alike(&places)
    }

    /// Drops repetitions (of files that are included several times) and finds out which use is nested
    /// in which.
    fn nest(&mut self) {
        let uses = &mut self.0;
        uses.dedup_by(|next, first| next.span == first.span);
        let mut open: Vec<usize> = Vec::new();
        for index in 0..uses.len() {
            let start = uses[index].span.range.start;
            while open.last().is_some_and(|&outer| uses[outer].span.range.end <= start) {
                open.pop();
            }
            uses[index].outer = open.last().copied();
            open.push(index);
        }
    }
}
