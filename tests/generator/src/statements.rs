//! What a function does with function pointers. Each statement takes what comes of it into `h`.

use crate::pointers::Scope;
use crate::types::Ty;

const DECLARATIONS: [&str; 9] = [
    "local variable",
    "typedef",
    "typedef of function type",
    "two declarators",
    "array",
    "structure",
    "pointer to pointer",
    "static variable",
    "union",
];
const CONTROL: [&str; 6] = ["if", "while", "for", "do", "or as if", "condition as value"];
const ACROSS: [&str; 7] = [
    "kept elsewhere",
    "shared data",
    "structure as argument",
    "structure as result",
    "parameter of function type",
    "same function elsewhere",
    "result called at once",
];
const MACROS: [&str; 5] = [
    "variable declared by macro",
    "list of functions",
    "quoted argument",
    "argument used twice",
    "statement macro",
];
const ODD: [&str; 6] =
    ["typeof", "sizeof", "_Generic", "qsort", "old-style definition", "inline function of header"];

/// A statement, and what has to stand in front of the function for it.
pub(crate) struct Statement {
    pub(crate) text: String,
    pub(crate) before: String,
}

impl Scope<'_> {
    /// A call whose result is taken into `h`.
    fn absorbed_call(&mut self, signature: usize) -> String {
        let call = self.call(signature, 1);
        self.types.absorb(self.types.signatures[signature].result, &call)
    }

    /// A call of this very expression.
    fn absorbed_call_of(&mut self, signature: usize, callee: &str) -> String {
        let arguments = self.arguments(signature, 1);
        let call = format!("{callee}({arguments})");
        self.types.absorb(self.types.signatures[signature].result, &call)
    }

    /// A random statement; `number` makes its names different from others'.
    pub(crate) fn statement(&mut self, number: usize) -> Statement {
        let signature = self.random.below(self.types.signatures.len());
        let v = format!("v{number}");
        let plain = |text: String| Statement { text, before: String::new() };
        match self.random.below(5) {
            0 => plain(self.declaration(signature, &v)),
            1 => plain(self.control(signature, &v)),
            2 => plain(self.across(signature, &v)),
            3 => plain(self.with_macros(signature, &v)),
            _ => self.odd(signature, &v),
        }
    }

    /// A variable, and calls through it.
    fn declaration(&mut self, signature: usize, v: &str) -> String {
        let types = self.types;
        let p = &types.prefix;
        let declare = |name: &str| types.declare(Ty::Function(signature), name);
        let pointer = self.pointer(signature, 2);
        match self.choice(&DECLARATIONS) {
            0 => {
                self.histogram.count("local variable");
                let call = self.absorbed_call_of(signature, v);
                format!("{{ {} = {pointer}; {call} }}", declare(v))
            }
            1 => {
                self.histogram.count("typedef");
                let call = self.absorbed_call_of(signature, v);
                format!("{{ {p}_t{signature} {v} = {pointer}; {call} }}")
            }
            2 => {
                self.histogram.count("typedef of function type");
                let call = self.absorbed_call_of(signature, v);
                format!("{{ {p}_u{signature} *{v} = {pointer}; {call} }}")
            }
            3 => {
                self.histogram.count("two declarators");
                let other = self.pointer(signature, 1);
                let call = self.absorbed_call_of(signature, &format!("(h & 1 ? {v} : {v}b)"));
                format!("{{ {p}_t{signature} const {v} = {pointer}, {v}b = {other}; {call} }}")
            }
            4 => {
                self.histogram.count("array");
                let (second, third) = (self.pointer(signature, 1), self.pointer(signature, 0));
                let call = self.absorbed_call_of(signature, &format!("{v}[i]"));
                let array = types.declare(Ty::Function(signature), &format!("{v}[3]"));
                format!(
                    "{{ {array} = {{ {pointer}, {second}, [2] = {third} }}; for (int i = 0; i < 3; i++) {{ {call} }} }}"
                )
            }
            5 => {
                self.histogram.count("structure");
                let (second, third) = (self.pointer(signature, 1), self.pointer(signature, 0));
                let first = self.absorbed_call_of(signature, &format!("{v}.first"));
                let listed = self.absorbed_call_of(signature, &format!("{v}.list[h & 1]"));
                format!(
                    "{{ struct {p}_ops{signature} {v} = {{ .first = {pointer}, .list = {{ {second}, {third} }} }}; {first} {listed} }}"
                )
            }
            6 => {
                self.histogram.count("pointer to pointer");
                let call = self.absorbed_call_of(signature, &format!("(*{v}p)"));
                format!("{{ {p}_t{signature} {v} = {pointer}, *{v}p = &{v}; {call} }}")
            }
            7 => {
                self.histogram.count("static variable");
                let name = self.name(signature);
                let call = self.absorbed_call_of(signature, v);
                format!("{{ static {} = {name}; {call} {v} = {pointer}; }}", declare(v))
            }
            _ => {
                self.histogram.count("union");
                let call = self.absorbed_call_of(signature, &format!("{v}.f"));
                format!(
                    "{{ union {{ {}; void *p; }} {v} = {{ {pointer} }}; {call} }}",
                    declare("f")
                )
            }
        }
    }

    /// Pointers in control flow.
    fn control(&mut self, signature: usize, v: &str) -> String {
        let condition = self.condition(signature, 1);
        let call = self.absorbed_call(signature);
        match self.choice(&CONTROL) {
            0 => {
                self.histogram.count("if");
                format!("if ({condition}) {{ {call} }} else h = mix(h, 5);")
            }
            1 => {
                self.histogram.count("while");
                format!("{{ int n = 0; while (({condition}) && n++ < 2) {{ {call} }} }}")
            }
            2 => {
                self.histogram.count("for");
                let declared = self.types.declare(Ty::Function(signature), v);
                let (first, next) = (self.pointer(signature, 1), self.pointer(signature, 0));
                let called = self.absorbed_call_of(signature, v);
                format!(
                    "{{ {declared}; int n = 0; for ({v} = {first}; {v} && n < 2; n++, {v} = {next}) {{ {called} }} }}"
                )
            }
            3 => {
                self.histogram.count("do");
                format!("{{ int n = 0; do {{ {call} }} while (({condition}) && ++n < 2); }}")
            }
            4 => {
                self.histogram.count("or as if");
                let pointer = self.pointer(signature, 1);
                format!("({pointer} == 0) || (h = mix(h, 3));")
            }
            _ => {
                self.histogram.count("condition as value");
                format!("h = mix(h, ({condition}) ? 11 : 12);")
            }
        }
    }

    /// Pointers that go to other compartments and come back.
    fn across(&mut self, signature: usize, v: &str) -> String {
        let types = self.types;
        let p = &types.prefix;
        let pointer = self.pointer(signature, 2);
        match self.choice(&ACROSS) {
            0 => self.kept(signature, &pointer),
            1 => {
                self.histogram.count("shared data");
                let call = self.absorbed_call_of(signature, &format!("{p}_shared.f{signature}"));
                format!("{p}_shared.f{signature} = {pointer}; {call}")
            }
            2 => {
                self.histogram.count("structure as argument");
                let other = self.pointer(signature, 1);
                format!(
                    "{{ struct {p}_ops{signature} {v} = {{ 1, {pointer}, {{ {other}, {other} }} }}; h = mix(h, {p}_use_ops{signature}({v}, h)); }}"
                )
            }
            3 => {
                self.histogram.count("structure as result");
                let call =
                    self.absorbed_call_of(signature, &format!("{p}_make_ops{signature}(h).first"));
                format!("{call} (void){pointer};")
            }
            4 => {
                self.histogram.count("parameter of function type");
                format!("h = mix(h, {p}_take{signature}({pointer}, h));")
            }
            5 => {
                self.histogram.count("same function elsewhere");
                let name = self.exported(signature);
                format!("h = mix(h, {p}_is_{name}({name})); (void){pointer};")
            }
            _ => {
                self.histogram.count("result called at once");
                self.absorbed_call_of(signature, &format!("{p}_pass{signature}({pointer})"))
            }
        }
    }

    /// A pointer that another compartment keeps and gives back later.
    pub(crate) fn kept(&mut self, signature: usize, pointer: &str) -> String {
        self.histogram.count("kept elsewhere");
        let p = &self.types.prefix;
        let call = self.absorbed_call_of(signature, &format!("{p}_kept{signature}()"));
        format!("{p}_keep{signature}({pointer}); {call}")
    }

    /// Pointers through macros.
    fn with_macros(&mut self, signature: usize, v: &str) -> String {
        let types = self.types;
        let p = &types.prefix;
        let pointer = self.pointer(signature, 1);
        match self.choice(&MACROS) {
            0 => {
                self.histogram.count("variable declared by macro");
                let call = self.absorbed_call_of(signature, v);
                format!("{{ {p}_VAR{signature}({v}, {pointer}); {call} }}")
            }
            1 => {
                self.histogram.count("list of functions");
                let array = types.declare(Ty::Function(signature), &format!("{v}[]"));
                let call = self.absorbed_call_of(signature, &format!("{v}[i]"));
                format!(
                    "{{\n#define X(f) f,\n    {array} = {{ {p}_LIST{signature}(X) }};\n#undef X\n    for (unsigned i = 0; i < sizeof {v} / sizeof *{v}; i++) {{ {call} }} }}"
                )
            }
            2 => {
                self.histogram.count("quoted argument");
                let name = self.name(signature);
                format!(
                    "h = mix(h, sizeof({p}_QUOTE({name})) + (unsigned char){p}_QUOTE({name})[1]);"
                )
            }
            3 => {
                self.histogram.count("argument used twice");
                let name = self.exported(signature);
                format!("h = mix(h, {p}_IS({name}, {pointer}));")
            }
            _ => {
                self.histogram.count("statement macro");
                let condition = self.condition(signature, 1);
                format!("{p}_TAKE(({condition}) ? 7 : 8);")
            }
        }
    }

    /// Rarer constructs.
    fn odd(&mut self, signature: usize, v: &str) -> Statement {
        let types = self.types;
        let p = &types.prefix;
        let pointer = self.pointer(signature, 1);
        let mut before = String::new();
        let text = match self.choice(&ODD) {
            0 => {
                self.histogram.count("typeof");
                let call = self.absorbed_call_of(signature, v);
                format!("{{ __typeof__({p}_shared.f{signature}) {v} = {pointer}; {call} }}")
            }
            1 => {
                self.histogram.count("sizeof");
                format!(
                    "h = mix(h, sizeof {p}_shared.f{signature} + sizeof({p}_t{signature})); (void){pointer};"
                )
            }
            2 => {
                self.histogram.count("_Generic");
                format!(
                    "h = mix(h, _Generic(({p}_shared.f{signature}), {}: 3, default: 4)); (void){pointer};",
                    types.type_name(signature)
                )
            }
            3 => {
                self.histogram.count("qsort");
                let name = format!("{p}_compare_{v}_{}", self.compartment);
                before = format!(
                    "static int {name}(const void *a, const void *b) {{ return *(const int *)a - *(const int *)b; }}\n"
                );
                format!(
                    "{{ int {v}[5]; for (int i = 0; i < 5; i++) {v}[i] = (int)((h >> (3 * i)) & 15); qsort({v}, 5, sizeof *{v}, {name}); for (int i = 0; i < 5; i++) h = mix(h, (unsigned long){v}[i]); }}"
                )
            }
            4 => {
                self.histogram.count("old-style definition");
                let name = format!("{p}_old_{v}_{}", self.compartment);
                let declared = types.declare(Ty::Function(signature), "f");
                let outer = std::mem::take(&mut self.assigned);
                let call = self.absorbed_call_of(signature, "f");
                let own = std::mem::replace(&mut self.assigned, outer);
                let own: String = own.iter().map(|declared| format!("{declared}; ")).collect();
                before = format!(
                    "static unsigned long {name}(h, f) unsigned long h; {declared}; {{ {own}{call} return h; }}\n"
                );
                format!("h = mix(h, {name}(h, {pointer}));")
            }
            _ => {
                self.histogram.count("inline function of header");
                format!("h = mix(h, {p}_inline{signature}({pointer}, h));")
            }
        };
        Statement { text, before }
    }
}
