//! From a parsed translation unit to its facts.
//!
//! One walk over the declarations below the root. Whatever would have to change if a function-pointer
//! type became opaque is written down as an edit with that condition; nothing is decided here.

mod annotations;
mod atomics;
mod casts;
mod changes;
mod comparisons;
mod control;
mod cuts;
mod declarations;
mod directives;
mod expressions;
mod extent;
mod files;
mod flavour;
mod functions;
mod generic;
mod initialisers;
mod invocations;
mod lists;
mod macros;
mod meanings;
mod named_types;
mod operators;
mod overlays;
mod own_macros;
mod parameters;
mod pointers;
mod reach;
mod repeats;
mod risks;
mod shapes;
mod sites;
mod specifiers;
mod spelled;
mod tags;
mod type_comparisons;
mod typenames;
mod values;
mod variables;

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use camino::Utf8Path;
use clang::{Converter, Cursor, CursorMap, Kind, Severity, Type, Unit};
use ctype::TypeId;
use diagnostics::{Diagnostic, SourcePath, Span, codes};

use self::files::Files;
pub use self::files::{Canonical, Form};
use self::macros::Macros;
use crate::facts::{
    Abi, Blocked, Edit, Facts, Function, MacroPlace, Numbered, Point, Pointer, PointerIndex,
    Problem, Risk, Variable, When,
};
use crate::token::Trigraphs;

/// What the analysis must know besides the unit.
pub struct Context<'a> {
    /// The source, canonical.
    pub source: SourcePath,
    /// Files below it may be rewritten; canonical.
    pub root: &'a Utf8Path,
    /// Makes the compiler's paths canonical.
    pub canonical: Canonical<'a>,
    /// What its text is.
    pub form: Form,
    /// Whether its trigraphs are replaced.
    pub trigraphs: Trigraphs,
    /// Whether it is C23: an empty list of parameters means none.
    pub has_c23: bool,
    /// The compartment the source is compiled for.
    pub pkey: u8,
    /// How its compiler passes arguments.
    pub abi: Abi,
    /// The macros that its command defines and undefines, as flags.
    pub definitions: Vec<String>,
}

/// Collects the facts of a unit.
///
/// # Errors
/// The compiler's own errors, if the source has any.
pub fn analyse<'u>(unit: &'u Unit, context: &Context<'u>) -> Result<Facts, Vec<Diagnostic>> {
    let root = unit.root().children();
    let mut analysis = Analysis {
        unit,
        files: Files::new(unit, context.root, context.canonical, context.form, context.trigraphs),
        macros: Macros::new(unit, &root),
        has_c23: context.has_c23,
        definitions: context.definitions.clone(),
        converter: Converter::new(),
        pointers: Vec::new(),
        pointer_ids: HashMap::new(),
        functions: Vec::new(),
        function_ids: CursorMap::default(),
        mentioned: CursorMap::default(),
        atomic_builtins: RefCell::default(),
        takes_list: CursorMap::default(),
        wants: CursorMap::default(),
        edits: Vec::new(),
        macro_places: Vec::new(),
        open_places: Vec::new(),
        blocked: Vec::new(),
        conversions: Vec::new(),
        overlaid: HashSet::new(),
        risks: Vec::new(),
        last_call: None,
        optional: None,
        references: Vec::new(),
        casts: Vec::new(),
        variables: Vec::new(),
        variable_ids: CursorMap::default(),
        contained: HashMap::new(),
        problems: Vec::new(),
        thread_local: None,
        no_wrap: Vec::new(),
        has_annotations: false,
        has_type_comparisons: false,
        has_shared_data: false,
        result: None,
        depth: 0,
        end_of_for: None,
    };
    analysis.check_messages(context)?;
    analysis.check_origin(context)?;
    analysis.find_no_wrap_regions();
    analysis.has_shared_data =
        analysis.macros.named(&|name| name == "IA2_SHARED_DATA").next().is_some();
    analysis.has_type_comparisons = analysis.may_compare_types();
    analysis.has_annotations = annotations::are_possible(&analysis.macros);
    analysis.declarations(&root);
    analysis.other_meanings(&root);
    analysis.own_macro_uses(&root);
    let (runtimes, compartments) = analysis.own_declarations(&root);
    analysis.mark_referred_to();
    analysis.make_paths_relative();
    analysis.give_tags();
    Ok(analysis.finish(context, runtimes, compartments))
}

struct Analysis<'u> {
    unit: &'u Unit,
    files: Files<'u>,
    macros: Macros,
    has_c23: bool,
    /// The macros that the command defines and undefines, as flags.
    definitions: Vec<String>,
    converter: Converter<'u>,
    pointers: Vec<Pointer>,
    pointer_ids: HashMap<TypeId, PointerIndex>,
    functions: Vec<Function>,
    /// By first declaration.
    function_ids: CursorMap<'u, usize>,
    /// By any of the declarations.
    mentioned: CursorMap<'u, usize>,
    /// Whether a function that is called is a builtin for atomic access, by declaration.
    atomic_builtins: RefCell<CursorMap<'u, bool>>,
    /// Whether a function that is called takes a `va_list`, by declaration.
    takes_list: CursorMap<'u, bool>,
    /// What the parameters of a function that is called take, by declaration.
    wants: CursorMap<'u, Rc<expressions::Wants>>,
    edits: Vec<Edit>,
    macro_places: Vec<MacroPlace>,
    /// Places of the expressions that are being walked, as far as macros bring them.
    open_places: Vec<MacroPlace>,
    blocked: Vec<Blocked>,
    /// Function-pointer types whose values are converted to others.
    conversions: Vec<(PointerIndex, PointerIndex)>,
    /// Pairs of records, a pointer to one of which was cast to a pointer to the other.
    overlaid: HashSet<(Cursor<'u>, Cursor<'u>)>,
    risks: Vec<Risk>,
    /// The function that was called last in the function that is being walked.
    last_call: Option<usize>,
    /// The `static inline` function that is being walked.
    optional: Option<usize>,
    /// Functions that are called or taken, and the `static inline` function in which.
    references: Vec<(Option<usize>, usize)>,
    /// Types of functions that are used as pointers to other types.
    casts: Vec<(PointerIndex, PointerIndex)>,
    variables: Vec<Variable>,
    /// By first declaration; `None` for one that other units cannot see.
    variable_ids: CursorMap<'u, Option<usize>>,
    /// The function-pointer types that values of a type contain.
    contained: HashMap<TypeId, Rc<[PointerIndex]>>,
    problems: Vec<Problem>,
    thread_local: Option<Span>,
    /// Spans between `IA2_BEGIN_NO_WRAP` and `IA2_END_NO_WRAP`.
    no_wrap: Vec<clang::Span>,
    /// Whether macros of `ia2.h` are known, so that an expression can be annotated with them.
    has_annotations: bool,
    /// Whether a builtin that compares types may be used.
    has_type_comparisons: bool,
    /// Whether `IA2_SHARED_DATA` is used anywhere.
    has_shared_data: bool,
    /// Result type of the function that is being walked.
    result: Option<Type<'u>>,
    /// Depth of the expression that is being walked.
    depth: i32,
    /// Behind the `for` statement whose declaration is being walked.
    end_of_for: Option<clang::Point>,
}

impl<'u> Analysis<'u> {
    /// Turns errors of the compiler into diagnostics.
    fn check_messages(&self, context: &Context<'u>) -> Result<(), Vec<Diagnostic>> {
        let errors: Vec<Diagnostic> = self
            .unit
            .messages()
            .into_iter()
            .filter(|message| message.severity >= Severity::Error)
            .map(|message| {
                let diagnostic = Diagnostic::error(codes::COMPILE_ERROR, message.text).note(
                    "the source must compile with its recorded command before it is rewritten",
                );
                match message.point {
                    Some(point) => {
                        diagnostic.at(self.files.span(point.file, point.offset..point.offset))
                    }
                    None => diagnostic.at(Span::point(context.source.clone(), 0)),
                }
            })
            .collect();
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// Preprocessed text must come from below the root: else nothing of it would be rewritten.
    fn check_origin(&self, context: &Context<'u>) -> Result<(), Vec<Diagnostic>> {
        let main = self.unit.included().first().copied();
        let Some(main) = main.filter(|_| context.form == Form::Preprocessed) else { return Ok(()) };
        match self.files.preprocessed(main) {
            Some(path) if !path.starts_with(context.root) => {
                let message = format!("this is what the preprocessor made of {path}");
                let error = Diagnostic::error(codes::OUTSIDE_ROOT, message)
                    .at(Span::point(context.source.clone(), 0))
                    .note(format!("that lies outside the root directory {}", context.root))
                    .help("name a root directory that contains the original sources");
                Err(vec![error])
            }
            _ => Ok(()),
        }
    }

    fn finish(
        self,
        context: &Context<'u>,
        runtimes: Vec<Numbered>,
        compartments: Vec<Numbered>,
    ) -> Facts {
        let included = self.unit.included();
        let mut files: Vec<SourcePath> = included
            .iter()
            .map(|&id| self.files.get(id))
            .filter(|file| file.is_editable())
            .map(|file| file.path.clone())
            .collect();
        files.sort();
        files.dedup();
        let editable = included.iter().filter(|&&id| self.files.get(id).is_editable());
        let mut skipped: Vec<Span> = editable
            .flat_map(|&id| self.unit.skipped(id).into_iter().map(move |range| (id, range)))
            .map(|(id, range)| self.files.span(id, range))
            .collect();
        skipped.sort();
        skipped.dedup();
        let (leading_out, leading_back) = (self.leading_out(), self.leading_back());
        let (repeats, read_again) = self.repeats();
        let read_before = self.read_before();
        let end = included
            .iter()
            .map(|&id| self.files.get(id))
            .find(|file| file.path == context.source)
            .map_or(0, |file| file.text().len() as u32);
        let macro_uses = self.macro_uses(&context.source);
        let mut edits = self.edits;
        edits.sort_by(|a, b| (&a.span, a.order, &a.text).cmp(&(&b.span, b.order, &b.text)));
        edits.dedup();
        Facts {
            source: context.source.clone(),
            pkey: context.pkey,
            abi: context.abi,
            files,
            skipped,
            repeats,
            read_again,
            read_before,
            leading_out,
            leading_back,
            definitions: self.definitions,
            end: Point { file: context.source.clone(), offset: end },
            types: self.converter.into_types(),
            pointers: self.pointers,
            functions: self.functions,
            edits,
            macro_places: self.macro_places,
            macro_uses,
            blocked: self.blocked,
            conversions: self.conversions,
            risks: self.risks,
            casts: self.casts,
            variables: self.variables,
            problems: self.problems,
            runtimes,
            compartments,
            thread_local: self.thread_local,
        }
    }

    /// The place of a cursor for messages: where its macro is used, if it comes from one.
    fn span_of(&self, cursor: Cursor<'u>) -> Option<Span> {
        let span = cursor.expansion_span()?;
        Some(self.files.span(span.file, span.range))
    }

    /// Whether the cursor is written, or brought about by a macro that is used, below the root.
    fn is_ours(&self, cursor: Cursor<'u>) -> bool {
        cursor.location().expansion().is_some_and(|point| self.files.is_editable(point))
    }

    fn note_used(&mut self, pointer: PointerIndex, cursor: Cursor<'u>) {
        if self.pointers[pointer.0 as usize].used.is_none() {
            let span = self.span_of(cursor);
            self.pointers[pointer.0 as usize].used = span;
        }
    }

    fn problem(&mut self, when: When, diagnostic: Diagnostic) {
        self.problems.push(Problem { when, diagnostic });
    }

    /// Walks statements and everything else that is no expression.
    fn visit(&mut self, cursor: Cursor<'u>) {
        match cursor.kind() {
            Kind::DeclStatement => self.declaration_statement(cursor),
            Kind::Return => {
                let wanted = self.result.map(|result| self.flavour_of_type(result));
                for child in cursor.children() {
                    self.value(child, wanted.map_or(values::Want::Value, values::Want::of));
                }
            }
            Kind::If | Kind::While | Kind::Do | Kind::For | Kind::Switch => {
                self.controlled(cursor, &cursor.children());
            }
            kind if kind.is_expression() => self.value(cursor, values::Want::Nothing),
            Kind::TypeRef | Kind::Attribute | Kind::LabelRef | Kind::MemberReference => {}
            _ => {
                for child in cursor.children() {
                    self.visit(child);
                }
            }
        }
    }
}
