//! One program: its part of the header and of each source.

use crate::functions::{COMPARTMENTS, Function, call_with_values, random};
use crate::histogram::Histogram;
use crate::macros;
use crate::pointers::Scope;
use crate::random::Random;
use crate::types::{Ty, Types};

/// The texts of a program.
pub(crate) struct Program {
    pub(crate) prefix: String,
    pub(crate) header: String,
    /// For each of [`COMPARTMENTS`].
    pub(crate) sources: [String; 3],
}

struct Builder<'a> {
    types: &'a Types,
    functions: &'a [Function],
    avoided: &'a [String],
    random: &'a mut Random,
    histogram: &'a mut Histogram,
    header: String,
    sources: [String; 3],
}

/// Program number `number` of a seed.
pub(crate) fn program(
    seed: u64,
    number: usize,
    avoided: &[String],
    histogram: &mut Histogram,
) -> Program {
    let mut numbers = Random::new(seed, number as u64);
    let types = Types::random(format!("p{number}"), &mut numbers);
    let functions = random(&types, &mut numbers);
    let mut builder = Builder {
        types: &types,
        functions: &functions,
        avoided,
        random: &mut numbers,
        histogram,
        header: String::new(),
        sources: Default::default(),
    };
    builder.declare();
    builder.define_functions();
    for signature in 0..types.signatures.len() {
        builder.define_helpers(signature);
    }
    builder.scenes();
    let Builder { header, sources, .. } = builder;
    Program { prefix: types.prefix, header, sources }
}

impl Builder<'_> {
    fn source(&mut self, compartment: u8) -> &mut String {
        &mut self.sources[usize::from(compartment) - 1]
    }

    fn any_compartment(&mut self) -> u8 {
        *self.random.pick(&COMPARTMENTS)
    }

    /// An expression of function-pointer type for use in this compartment.
    fn pointer(&mut self, compartment: u8, signature: usize) -> String {
        let mut scope = Scope {
            types: self.types,
            functions: self.functions,
            compartment,
            lvalues: Vec::new(),
            assigned: Vec::new(),
            avoided: self.avoided,
            random: self.random,
            histogram: self.histogram,
        };
        scope.pointer(signature, 0)
    }

    /// Types, macros and variables that all compartments know.
    fn declare(&mut self) {
        let (types, p) = (self.types, &self.types.prefix);
        let mut header = format!("/* program {p} */\n{}", types.common());
        header.push_str(&macros::definitions(types, self.functions));
        let mut fields = String::new();
        let mut values = Vec::new();
        for signature in 0..types.signatures.len() {
            let typedef = types.declare(Ty::Function(signature), &format!("{p}_t{signature}"));
            header.push_str(&format!("typedef {typedef};\n"));
            let typedef = types.function(signature, &format!("{p}_u{signature}"), None);
            header.push_str(&format!("typedef {typedef};\n"));
            let first = types.declare(Ty::Function(signature), "first");
            let list = types.declare(Ty::Function(signature), "list[2]");
            header.push_str(&format!("struct {p}_ops{signature} {{ int n; {first}; {list}; }};\n"));
            let field = types.declare(Ty::Function(signature), &format!("f{signature}"));
            fields.push_str(&format!("{field}; "));
            values.push(format!(".f{signature} = {p}_ALIAS{signature}"));
        }
        for function in self.functions.iter().filter(|function| !function.is_static) {
            header.push_str(&format!("{};\n", function.declaration(types, None)));
        }
        header.push_str(&format!(
            "struct {p}_shared {{ {fields}}};\nextern struct {p}_shared {p}_shared;\n"
        ));
        let values = values.join(", ");
        self.source(1)
            .push_str(&format!("IA2_SHARED_DATA struct {p}_shared {p}_shared = {{ {values} }};\n"));
        self.header.push_str(&header);
        for compartment in COMPARTMENTS {
            self.header.push_str(&format!("unsigned long {p}_effects_{compartment}(void);\n"));
            let text = format!(
                "/* program {p} */\n\
                 static unsigned long {p}_effects;\n\
                 static void {p}_effect(unsigned long h) {{ {p}_effects = mix({p}_effects, h); }}\n\
                 unsigned long {p}_effects_{compartment}(void) {{ return {p}_effects; }}\n"
            );
            self.source(compartment).push_str(&text);
        }
    }

    fn define_functions(&mut self) {
        let types = self.types;
        // Static ones are declared first: any function may name them.
        for function in self.functions.iter().filter(|function| function.is_static) {
            let text = format!("{};\n", function.declaration(types, None));
            self.source(function.compartment).push_str(&text);
        }
        for function in self.functions {
            let result = match types.signatures[function.signature].result {
                Ty::Function(pointed) => Some(self.pointer(function.compartment, pointed)),
                _ => None,
            };
            let salt = self.random.below(1000);
            let text = function.definition(types, salt, result.as_deref());
            self.source(function.compartment).push_str(&text);
        }
        let p = &types.prefix;
        let exported: Vec<&Function> = self.functions.iter().filter(|f| !f.is_static).collect();
        for function in exported {
            let compartment = self.any_compartment();
            let parameter = types.declare(Ty::Function(function.signature), "f");
            let declaration = format!("int {p}_is_{}({parameter})", function.name);
            let name = &function.name;
            self.define(compartment, &declaration, &format!("return f == {name};"));
        }
    }

    /// A function for other compartments to call.
    fn define(&mut self, compartment: u8, declaration: &str, body: &str) {
        self.header.push_str(&format!("{declaration};\n"));
        self.source(compartment).push_str(&format!("{declaration} {{ {body} }}\n"));
    }

    /// Functions that take, keep and return pointers of a signature.
    fn define_helpers(&mut self, signature: usize) {
        let (types, p) = (self.types, &self.types.prefix);
        let result = types.signatures[signature].result;
        let parameter = types.declare(Ty::Function(signature), "f");
        let returning = |declarator: &str| types.declare(Ty::Function(signature), declarator);
        let absorbed =
            |callee: &str| types.absorb(result, &call_with_values(types, signature, callee, 7));

        let compartment = self.any_compartment();
        let (one, two) =
            (self.pointer(compartment, signature), self.pointer(compartment, signature));
        let declaration = returning(&format!("{p}_get{signature}(unsigned long h)"));
        self.define(compartment, &declaration, &format!("return h & 4 ? {one} : {two};"));

        let compartment = self.any_compartment();
        let declaration = returning(&format!("{p}_pass{signature}({parameter})"));
        self.define(compartment, &declaration, "return f;");

        let compartment = self.any_compartment();
        let kept = types.declare(Ty::Function(signature), &format!("{p}_keeper{signature}"));
        self.source(compartment).push_str(&format!("static {kept};\n"));
        let declaration = format!("void {p}_keep{signature}({parameter})");
        self.define(compartment, &declaration, &format!("{p}_keeper{signature} = f;"));
        let declaration = returning(&format!("{p}_kept{signature}(void)"));
        self.define(compartment, &declaration, &format!("return {p}_keeper{signature};"));

        let compartment = self.any_compartment();
        let declaration = format!(
            "unsigned long {p}_use_ops{signature}(struct {p}_ops{signature} v, unsigned long h)"
        );
        let body = format!("{} {} return h;", absorbed("v.first"), absorbed("v.list[h & 1]"));
        self.define(compartment, &declaration, &body);

        let compartment = self.any_compartment();
        let pointer = self.pointer(compartment, signature);
        let declaration =
            format!("struct {p}_ops{signature} {p}_make_ops{signature}(unsigned long h)");
        let body =
            format!("struct {p}_ops{signature} v = {{ (int)h, {pointer}, {{ 0, 0 }} }}; return v;");
        self.define(compartment, &declaration, &body);

        let compartment = self.any_compartment();
        let function = types.function(signature, "f", None);
        let declaration = format!("unsigned long {p}_take{signature}({function}, unsigned long h)");
        self.define(compartment, &declaration, &format!("{} return h;", absorbed("f")));

        self.header.push_str(&format!(
            "static inline unsigned long {p}_inline{signature}({parameter}, unsigned long h) {{ if (!f) return 1; {} return h; }}\n",
            absorbed("(*f)")
        ));
    }

    /// Functions full of random statements, and the one that calls them all.
    fn scenes(&mut self) {
        let p = &self.types.prefix;
        let mut calls = String::new();
        for compartment in COMPARTMENTS {
            for number in 0..1 + self.random.below(2) {
                let name = format!("{p}_scene{number}_{compartment}");
                self.scene(compartment, &name, number == 0 && compartment == 1);
                calls.push_str(&format!("h = mix(h, {name}(h)); "));
            }
        }
        for compartment in COMPARTMENTS {
            calls.push_str(&format!("h = mix(h, {p}_effects_{compartment}()); "));
        }
        self.define(
            1,
            &format!("unsigned long {p}_run(unsigned long h)"),
            &format!("{calls}return h;"),
        );
    }

    /// A function of random statements; the first one of all lets a pointer cross in any case.
    fn scene(&mut self, compartment: u8, name: &str, crosses: bool) {
        let p = self.types.prefix.clone();
        let lvalues = (0..self.types.signatures.len())
            .map(|signature| (signature, format!("{p}_shared.f{signature}")))
            .collect();
        let mut scope = Scope {
            types: self.types,
            functions: self.functions,
            compartment,
            lvalues,
            assigned: Vec::new(),
            avoided: self.avoided,
            random: self.random,
            histogram: self.histogram,
        };
        let mut before = String::new();
        let mut body = String::new();
        if crosses {
            let pointer = scope.name(0);
            body.push_str(&format!("    {}\n", scope.kept(0, &pointer)));
        }
        let suffix = name.rsplit("scene").next().unwrap_or_default().replace('_', "");
        for number in 0..2 + scope.random.below(5) {
            let statement = scope.statement(number * 100 + suffix.parse::<usize>().unwrap_or(0));
            before.push_str(&statement.before);
            body.push_str(&format!("    {}\n", statement.text));
        }
        let assigned: String =
            scope.assigned.iter().map(|declared| format!("    {declared};\n")).collect();
        let declaration = format!("unsigned long {name}(unsigned long h)");
        self.header.push_str(&format!("{declaration};\n"));
        let text = format!("{before}{declaration} {{\n{assigned}{body}    return h;\n}}\n");
        self.source(compartment).push_str(&text);
    }
}
