//! The C text of a program.

use std::fmt::Write;

use ctype::TypeId;
use layout::stub;

use crate::function::{Function, Style};
use crate::program::{COMPARTMENTS, Program, key};
use crate::values;

/// `types.h`: types, and the functions that make and compare their values.
pub fn header(program: &Program) -> String {
    let mut out = String::from("#include \"runtime.h\"\n");
    out.push_str(values::MIX);
    out.push_str(&program.universe.text);
    out.push_str(&values::declarations(&program.universe));
    out
}

/// `main.c`: the table of functions.
pub fn main(program: &Program) -> String {
    let mut out = String::from("#include \"runtime.h\"\n");
    for index in 0..program.functions.len() {
        line(&mut out, format_args!("void f{index}();"));
    }
    out.push_str("void (*const test_functions[])() = {\n");
    for index in 0..program.functions.len() {
        line(&mut out, format_args!("    f{index},"));
    }
    out.push_str("    0\n};\n");
    let clears_all = u8::from(program.scrub == gate::Scrub::Full);
    line(&mut out, format_args!("const int test_clears_all = {clears_all};"));
    out
}

/// `compartment_N.c`: what a compartment defines and calls.
pub fn compartment(program: &Program, number: u8) -> String {
    let mut out = String::from("#include \"types.h\"\n#include <stdarg.h>\n\n");
    let emitter = Emitter { program, number };
    for index in 0..program.functions.len() {
        emitter.declare(&mut out, index);
    }
    line(&mut out, format_args!("extern int (*const calls_{number}[])(u64, int);"));
    line(&mut out, format_args!("extern const unsigned call_count_{number};\n"));
    for (index, function) in program.functions.iter().enumerate() {
        if function.owner == number {
            emitter.definition(&mut out, index, function);
        }
    }
    let mut routines = Vec::new();
    for (index, function) in program.functions.iter().enumerate() {
        for shape in 0..function.shapes.len() {
            let crosses = program.calls.contains(&(index, shape, number));
            if crosses || function.owner == number {
                emitter.call(&mut out, index, function, shape, crosses);
                routines.push(format!("call_{index}_{shape}"));
            }
        }
    }
    line(&mut out, format_args!("int (*const calls_{number}[])(u64, int) = {{"));
    for routine in &routines {
        line(&mut out, format_args!("    {routine},"));
    }
    let count = routines.len();
    line(&mut out, format_args!("    0\n}};\nconst unsigned call_count_{number} = {count};"));
    out
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(out, "{text}").expect("a string takes everything");
}

struct Emitter<'a> {
    program: &'a Program,
    number: u8,
}

impl Emitter<'_> {
    fn name(&self, ty: Option<TypeId>) -> &str {
        ty.map_or("void", |ty| self.program.universe.name(ty))
    }

    /// The parameter list that callers see.
    fn parameters(&self, function: &Function) -> String {
        let mut names: Vec<&str> =
            function.parameters.iter().map(|&ty| self.name(Some(ty))).collect();
        match function.style {
            Style::Unprototyped => return String::new(),
            Style::Variadic => names.push("..."),
            Style::Prototyped if names.is_empty() => names.push("void"),
            Style::Prototyped => {}
        }
        names.join(", ")
    }

    /// Declares the function, its gates and its stub, as far as this compartment uses them.
    fn declare(&self, out: &mut String, index: usize) {
        let function = &self.program.functions[index];
        let (result, list) = (self.name(function.result), self.parameters(function));
        line(out, format_args!("typedef {result} F{index}({list});"));
        line(out, format_args!("extern const char stub_{index}[];"));
        if function.owner == self.number && function.style != Style::Unprototyped {
            line(out, format_args!("F{index} f{index};"));
        }
        for shape in 0..function.shapes.len() {
            if self.program.calls.contains(&(index, shape, self.number)) {
                let target = &self.program.gates.functions[index];
                let symbol = gate::gate_symbol(key(self.number), target, gate::CallIndex(shape));
                line(
                    out,
                    format_args!("extern F{index} gate_{index}_{shape} __asm__(\"{symbol}\");"),
                );
            }
        }
    }

    /// The function: checks what it gets, may call others, returns what it must.
    fn definition(&self, out: &mut String, index: usize, function: &Function) {
        let result = self.name(function.result);
        let parameters: Vec<String> = function
            .parameters
            .iter()
            .enumerate()
            .map(|(number, &ty)| format!("{} a{number}", self.name(Some(ty))))
            .collect();
        let (list, declarations) = match function.style {
            Style::Unprototyped => {
                let names: Vec<String> =
                    (0..parameters.len()).map(|number| format!("a{number}")).collect();
                let mut declarations = parameters.join("; ");
                if !declarations.is_empty() {
                    declarations.push(';');
                }
                (names.join(", "), declarations)
            }
            Style::Variadic => (format!("{}, ...", parameters.join(", ")), String::new()),
            Style::Prototyped if parameters.is_empty() => ("void".to_owned(), String::new()),
            Style::Prototyped => (parameters.join(", "), String::new()),
        };
        line(out, format_args!("{result} f{index}({list}) {declarations}\n{{"));
        line(
            out,
            format_args!("    u64 seed = test_seed;\n    test_entered({}, {index});", self.number),
        );
        for (number, &ty) in function.parameters.iter().enumerate() {
            self.check(out, index, number, ty, &format!("a{number}"));
        }
        if function.style == Style::Variadic {
            self.variable_arguments(out, index, function);
        }
        let number = self.number;
        line(
            out,
            format_args!(
                "    if (test_depth < 3 && mix(seed ^ 77) % 4 == 0) {{\n        test_depth++;\n        \
                 calls_{number}[mix(seed + 5) % call_count_{number}](mix(seed + 6), (int)(mix(seed) % 3));\n        \
                 test_depth--;\n    }}"
            ),
        );
        if function.result.is_some() {
            line(
                out,
                format_args!(
                    "    {result} r;\n    fill_{result}(&r, mix(seed ^ 999));\n    test_mark(0);\n    \
                     return r;"
                ),
            );
        } else {
            out.push_str("    test_mark(0);\n");
        }
        line(out, format_args!("}}\n"));
    }

    fn check(&self, out: &mut String, index: usize, number: usize, ty: TypeId, value: &str) {
        let name = self.name(Some(ty));
        let salt = 1000 + number;
        line(
            out,
            format_args!(
                "    {{ {name} e; fill_{name}(&e, mix(seed ^ {salt}));\n      \
                 if (!same_{name}(&{value}, &e)) test_failed({index}, {number}, &{value}, &e, sizeof e); }}"
            ),
        );
        if self.is_narrow(ty) {
            line(
                out,
                format_args!(
                    "    {{ {name} e; fill_{name}(&e, mix(seed ^ {salt}));\n      \
                     if ((long){value} != (long)e) test_failed({index}, {number}, &{value}, &e, sizeof e); }}"
                ),
            );
        }
    }

    fn is_narrow(&self, ty: TypeId) -> bool {
        let types = &self.program.universe.types;
        matches!(types.get(ty), ctype::Type::Int(int) if int.size() < 8)
    }

    fn variable_arguments(&self, out: &mut String, index: usize, function: &Function) {
        let last = function.parameters.len() - 1;
        line(
            out,
            format_args!(
                "    va_list list;\n    va_start(list, a{last});\n    switch (test_shape) {{"
            ),
        );
        for (shape, extra) in function.shapes.iter().enumerate() {
            line(out, format_args!("    case {shape}:"));
            for (number, &ty) in (function.parameters.len()..).zip(extra) {
                let name = self.name(Some(ty));
                line(out, format_args!("    {{ {name} x = va_arg(list, {name});"));
                self.check(out, index, number, ty, "x");
                line(out, format_args!("    }}"));
            }
            line(out, format_args!("    break;"));
        }
        line(out, format_args!("    }}\n    va_end(list);"));
    }

    /// A routine that makes one kind of call. Across compartments it goes through the gate or the
    /// stub, inside of one through the stub.
    fn call(
        &self,
        out: &mut String,
        index: usize,
        function: &Function,
        shape: usize,
        crosses: bool,
    ) {
        line(out, format_args!("static int call_{index}_{shape}(u64 seed, int how)\n{{"));
        let mut names = Vec::new();
        for (number, ty) in function.arguments(shape).enumerate() {
            let (name, salt) = (self.name(Some(ty)), 1000 + number);
            line(
                out,
                format_args!(
                    "    {name} a{number};\n    fill_{name}(&a{number}, mix(seed ^ {salt}));"
                ),
            );
            names.push(format!("a{number}"));
        }
        let list = names.join(", ");
        let stride = match function.style {
            Style::Variadic => stub::STRIDE * (1 + shape),
            _ => 0,
        };
        let slot = stride + stub::slot(key(self.number));
        let direct = if crosses { format!("gate_{index}_{shape}") } else { format!("f{index}") };
        let own_unprototyped = !crosses && function.style == Style::Unprototyped;
        let direct = if own_unprototyped {
            format!("((F{index} *)(stub_{index} + {slot}))")
        } else {
            direct
        };
        line(out, format_args!("    F{index} *target = {direct};"));
        line(out, format_args!("    if (how == 1) target = (F{index} *)(stub_{index} + {slot});"));
        line(
            out,
            format_args!("    if (how == 2) target = (F{index} *)(stub_{index} + {stride});"),
        );
        line(out, format_args!("    __asm__ volatile(\"\" : \"+r\"(target));"));
        line(out, format_args!("    u64 outer = test_seed;\n    int outer_shape = test_shape;"));
        line(out, format_args!("    test_seed = seed;\n    test_shape = {shape};"));
        let unmarked = match crosses {
            true => format!("test_unmarked({}, {index});", self.number),
            false => String::new(),
        };
        if crosses {
            out.push_str("    test_mark(1);\n");
        }
        match function.result {
            None => line(out, format_args!("    target({list});\n    {unmarked}")),
            Some(ty) => {
                let name = self.name(Some(ty));
                line(
                    out,
                    format_args!(
                        "    {name} r = target({list});\n    {unmarked}\n    {name} e;\n    fill_{name}(&e, mix(seed ^ 999));\n    \
                         if (!same_{name}(&r, &e)) test_failed({index}, -1, &r, &e, sizeof e);"
                    ),
                );
            }
        }
        line(out, format_args!("    test_seed = outer;\n    test_shape = outer_shape;"));
        line(
            out,
            format_args!("    test_returned({}, {index});\n    return 0;\n}}\n", self.number),
        );
    }
}

/// All compartments of a program.
pub fn compartments() -> impl Iterator<Item = u8> {
    1..=COMPARTMENTS
}
