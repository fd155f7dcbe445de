//! Macros of a program: aliases, calls, declarations, pasted and quoted names, lists.

use crate::functions::Function;
use crate::types::Types;

/// Definitions for the header.
pub(crate) fn definitions(types: &Types, functions: &[Function]) -> String {
    let p = &types.prefix;
    let mut text = format!(
        "#define {p}_SAME(x) (x)\n\
         #define {p}_CALL(f, ...) ((f)(__VA_ARGS__))\n\
         #define {p}_QUOTE(x) #x\n\
         #define {p}_TAKE(e) do {{ h = mix(h, (unsigned long)(e)); }} while (0)\n\
         #define {p}_IS(f, g) ((f) == (g) && (f) != NULL)\n"
    );
    for signature in 0..types.signatures.len() {
        let exported: Vec<&Function> =
            functions.iter().filter(|f| f.signature == signature && !f.is_static).collect();
        let first = &exported[0].name;
        text.push_str(&format!("#define {p}_ALIAS{signature} {first}\n"));
        text.push_str(&format!("#define {p}_PASTE{signature}(c) {p}_f{signature}_##c\n"));
        let declared = types.function(signature, "(*name)", None);
        text.push_str(&format!("#define {p}_VAR{signature}(name, value) {declared} = value\n"));
        let list: Vec<String> = exported.iter().map(|f| format!("X({})", f.name)).collect();
        text.push_str(&format!("#define {p}_LIST{signature}(X) {}\n", list.join(" ")));
    }
    text
}
